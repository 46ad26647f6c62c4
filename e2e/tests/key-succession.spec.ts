import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { waitFor } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { openFederation, type Federation } from '../programs/federation.ts'
import { arc3088 } from '../programs/run-cli.ts'

const TIMEOUT_MS = 600_000
const CODE = '1.2.156.3088.1.1.34C2.478BDF.3GF546'
const KEY_SETS_PATH = '/.well-known/agent-code-root-keys'

/** Where the sandbox keeps the key that no node ever sees. */
const rootKeyOf = ({ folder }: Federation) => join(folder, 'keys/root-ceremony/root.jwk.json')

async function say(...argv: string[]): Promise<Record<string, unknown>> {
  const { code, stderr, json } = await arc3088([...argv, '--json'])
  if (code !== 0) throw new Error(`${argv.slice(0, 2).join(' ')}: ${stderr}`)
  return json()
}

/** The next key set, by the whole ceremony: another root key besides, and both sign from then on. */
async function makeNextSet(federation: Federation, sets: string): Promise<string> {
  const at = (name: string) => join(federation.folder, name)
  await say('keys', 'generate', '--dir', at('second'), '--purposes', 'root')
  const keys = [rootKeyOf(federation), at('second/root.jwk.json')]
  const change = ['--root-key', at('second/root.jwk.json'), '--threshold', '2']
  const asked = await say('root', 'request', '--sets', sets, '--out', at('request'), ...change)
  const answers: string[] = []
  for (const [nth, key] of keys.entries()) {
    const answer = at(`answer-${nth}`)
    const confirmed = ['--fingerprint', String(asked['fingerprint']), '--out', answer]
    await say('root', 'sign', at('request'), '--key', key, ...confirmed)
    answers.push(answer)
  }
  const next = at('next-sets.json')
  await say('root', 'assemble', at('request'), ...answers, '--sets', sets, '--out', next)
  return next
}

/** A root as somebody shows it who has kept an old answer: the first key set alone, and everything else as it is. */
async function showOldKeySets(root: string): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const forward = async () => {
      const answer = await fetch(`${root}${request.url ?? ''}`, {
        headers: { accept: request.headers.accept ?? '*/*' },
      })
      const body = await answer.text()
      const isKeySets = request.url === KEY_SETS_PATH
      const old = isKeySets ? JSON.stringify((JSON.parse(body) as unknown[]).slice(0, 1)) : body
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(old)
    }
    forward().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

test(
  'a key set made away from the network comes into force at a running root; an old pin leads to it, and not back behind it',
  { timeout: TIMEOUT_MS },
  async () => {
    await using federation = await openFederation()
    const { root, company, anchor } = federation
    const [above, below] = [await root.start(), await company.start()]
    const resolve = async (...more: string[]) => {
      const { json } = await arc3088(['resolve', CODE, '--anchor', anchor, ...more, '--json'])
      const { verdict, reasons } = json() as { verdict: string; reasons: { code: string }[] }
      return { verdict, reasons: reasons.map(({ code }) => code) }
    }
    const sets = root.environment['ROOT_KEY_SETS_FILE'] ?? ''
    try {
      expect(await resolve()).toEqual({ verdict: 'valid', reasons: [] })
      const pinned = readFileSync(anchor, 'utf8')
      copyFileSync(await makeNextSet(federation, sets), `${sets}.next`)
      renameSync(`${sets}.next`, sets)
      const served = async () =>
        ((await (await fetch(`${root.url}${KEY_SETS_PATH}`)).json()) as unknown[]).length === 2
      await waitFor(served, { what: 'the next key set', timeoutMs: 60_000, intervalMs: 500 })

      expect(await resolve()).toEqual({ verdict: 'valid', reasons: [] })
      expect(readFileSync(anchor, 'utf8')).toBe(pinned)
      expect(existsSync(`${anchor}.seen`) && readFileSync(`${anchor}.seen`, 'utf8')).toContain('"seq":2')

      const liar = await showOldKeySets(root.url)
      try {
        const refused = await resolve('--root', liar.url)
        expect(refused.verdict).toBe('chain-invalid')
        expect(refused.reasons).toContain('anchor-rolled-back')
      } finally {
        liar.server.close()
        liar.server.closeAllConnections()
      }
    } finally {
      await Promise.all([above.stop(), below.stop()])
    }
  },
)
