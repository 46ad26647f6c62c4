import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { bareEnvironment, waitFor } from '@arc3088/testkit'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'

import type { BulkLineSeen } from './bulk-client.ts'
import { approvedOntology, verifiedRequester } from './requester-acts.ts'
import { startRootProcess } from './start-root-process.ts'
import { startTestProvider } from './start-test-provider.ts'

const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

/** `arc3088 instance bulk` as a requester runs it. */
function runBulk(options: { url: string; token: string; ontology: string }) {
  const { url, token, ontology } = options
  const args = ['instance', 'bulk', '--ontology', ontology, '--json']
  const child = spawn(process.execPath, ['--conditions=@arc3088/source', MAIN, ...args], {
    env: { ...bareEnvironment(), ARC3088_URL: url, ARC3088_TOKEN: token },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  let answered = 0
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    out += piece
    answered += piece.split('\n').length - 1
  })
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (complaint += piece))
  child.stdin.on('error', () => undefined)
  const closed = once(child, 'close')
  return {
    stdin: child.stdin,
    answered: () => answered,
    answers: () =>
      out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as BulkLineSeen),
    async ended(): Promise<{ exitCode: unknown; complaint: string }> {
      const [exitCode]: unknown[] = await closed
      return { exitCode, complaint }
    },
  }
}

test('the command line registers every line once, through the death of the node, and again gets the same', async () => {
  await using root = await startRootProcess()
  await using provider = await startTestProvider(root)
  await provider.appoint('1')
  const requester = await verifiedRequester(provider)
  const ontology = await approvedOntology(provider, requester)
  const { url } = provider
  const { token } = requester
  const node = await provider.asProcess()
  await node.start()
  try {
    const lines = Array.from({ length: 12_000 }, () => JSON.stringify({ key: v7() }))
    const first = runBulk({ url, token, ontology })
    first.stdin.write(`${lines.slice(0, 9000).join('\n')}\n`)
    await waitFor(() => first.answered() > 3000, { what: 'some answers' })
    await node.stop('SIGKILL')
    await node.start()
    first.stdin.end(lines.slice(9000).join('\n'))
    expect(await first.ended()).toEqual({ exitCode: 0, complaint: '' })
    const answers = first.answers()
    expect(answers.map(({ line }) => line)).toEqual([...lines.map((_, nth) => nth + 1), undefined])
    expect(new Set(answers.slice(0, -1).map(({ code }) => code)).size).toBe(12_000)
    expect(answers.at(-1)).toMatchObject({ lines: 12_000, refused: 0 })

    const again = runBulk({ url, token, ontology })
    again.stdin.end([...lines.slice(0, 3), 'nonsense'].join('\n'))
    expect((await again.ended()).exitCode).toBe(1)
    const repeated = again.answers()
    expect(repeated.slice(0, 3).map(({ code, record }) => `${code} ${record}`)).toEqual(
      answers.slice(0, 3).map(({ code, record }) => `${code} ${record}`),
    )
    expect([repeated[3]?.problem?.code, repeated.at(-1)]).toEqual([
      'request-invalid',
      { lines: 4, assigned: 0, replayed: 3, refused: 1 },
    ])

    const stranger = runBulk({ url, token: 'arc3088_x_y', ontology })
    stranger.stdin.end(lines[0])
    expect(await stranger.ended()).toMatchObject({
      exitCode: 1,
      complaint: expect.stringContaining('unauthenticated'),
    })
    await node.stop()
    const alone = runBulk({ url, token, ontology })
    alone.stdin.end(lines[0])
    expect(await alone.ended()).toMatchObject({
      exitCode: 2,
      complaint: expect.stringContaining('cannot be reached'),
    })
  } finally {
    await node.stop()
  }
}, 300_000)
