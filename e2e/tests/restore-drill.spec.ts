import { join } from 'node:path'

import { waitFor } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { backUp } from '../programs/backup.ts'
import { ONTOLOGY, openFederation } from '../programs/federation.ts'
import { runNode } from '../programs/node-process.ts'
import { findLogOf, proofFaults, shownSize } from '../programs/read-log.ts'
import { register, type Desk, type Registered } from '../programs/registrations.ts'
import { arc3088 } from '../programs/run-cli.ts'

const EARLY = 60
const LATE = 400
const CHOSEN = ['CHSN01', 'CHSN02', 'CHSN03']
const TIMEOUT_MS = 600_000

async function registerMany(desk: Desk, name: string, count: number): Promise<Registered[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, nth) => await register(desk, `${name}-${nth}`)),
  )
}

async function registerChosen(desk: Desk, serials: readonly string[]): Promise<Registered[]> {
  return await Promise.all(
    serials.map(async (serial) => await register(desk, `chosen-${serial}`, { serial })),
  )
}

/** The answer to one try, whatever it is. */
async function tryRegister({ url, token }: Desk, key: string, body: object): Promise<[number, unknown]> {
  const response = await fetch(`${url}/v1/ontologies/${ONTOLOGY}/instances`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  })
  const { code } = (await response.json()) as { code: unknown }
  return [response.status, code]
}

test(
  'a database put back to a backup: noticed, read-only, burnt by command; no acknowledged code again, and the log goes on',
  { timeout: TIMEOUT_MS },
  async () => {
    await using federation = await openFederation()
    const { company, anchor, folder, adminUrl, token } = federation
    const { environment, url } = company
    const desk: Desk = { url, token }
    const state = join(folder, 'fsck.json')
    const fsck = async () => {
      const { code, json } = await arc3088([
        'log',
        'fsck',
        `${url}/tlog`,
        '--anchor',
        anchor,
        '--state',
        state,
        '--json',
      ])
      return [code, json()]
    }
    const operate = async (...args: string[]) => await runNode('provider', args, environment)
    await using root = await federation.root.start()

    let node = await company.start()
    const early = [...(await registerMany(desk, 'early', EARLY)), ...(await registerChosen(desk, ['CHSN00']))]
    const log = await findLogOf(anchor, url)
    expect(await proofFaults(url, log, recordsOf(early))).toEqual([])
    await node.stop()
    await using backup = await backUp(adminUrl, company)

    node = await company.start()
    const late = [...(await registerMany(desk, 'late', LATE)), ...(await registerChosen(desk, CHOSEN))]
    expect(await proofFaults(url, log, recordsOf(late))).toEqual([])
    const shown = await shownSize(url)
    expect(await fsck()).toEqual([0, expect.objectContaining({ sound: true })])
    await node.kill()
    await backup.putBack()

    node = await company.start()
    const ready = (await (await fetch(`${url}/readyz`)).json()) as { status: string; checks: object[] }
    expect(ready).toMatchObject({
      status: 'degraded',
      checks: expect.arrayContaining([
        { name: 'writes', ok: false, detail: expect.stringContaining('older than its journal') },
      ]),
    })
    expect(await tryRegister(desk, 'refused', {})).toEqual([503, 'node-read-only'])
    expect((await fetch(`${url}/v1/codes/${early[0]?.code ?? ''}`)).status).toBe(200)
    await node.stop()

    const check = await operate('restore:check')
    expect([check.code, check.output]).toEqual([1, expect.stringMatching(/the log lacks \d+ entries/)])
    expect(check.output).toContain('3 acknowledged chosen codes are missing')
    expect((await operate('restore:burn')).code).toBe(2)
    const burn = await operate('restore:burn', '--confirm', url)
    expect([burn.code, burn.output]).toEqual([0, expect.stringContaining('"chosenCodes":3')])
    const again = await operate('restore:burn', '--confirm', url)
    expect([again.code, again.output.trim()]).toEqual([0, 'nothing to burn'])
    expect((await operate('restore:check')).code).toBe(0)

    node = await company.start()
    try {
      for (const serial of CHOSEN) {
        expect(await tryRegister(desk, `again-${serial}`, { serial })).toEqual([409, 'code-taken'])
      }
      const given = new Set([...early, ...late].map(({ code }) => code))
      const next = await registerMany(desk, 'next', LATE)
      expect(next.filter(({ code }) => given.has(code))).toEqual([])
      expect(new Set(next.map(({ code }) => code)).size).toBe(LATE)
      expect((await fetch(`${url}/v1/codes/${late[0]?.code ?? ''}`)).status).toBe(410)
      // Witnessed by the root, which has seen the log as it was before: it grew from that.
      expect(await proofFaults(url, log, recordsOf([...early, ...next]))).toEqual([])
      await waitFor(async () => (await shownSize(url)) === shown + LATE, { what: 'the log to have all' })
      expect(await fsck()).toEqual([
        0,
        expect.objectContaining({ sound: true, faults: [], witnesses: [new URL(federation.root.url).host] }),
      ])
      expect(root.child.exitCode).toBeNull()
    } finally {
      await node.kill()
    }
  },
)

function recordsOf(answers: readonly Registered[]): string[] {
  return answers.map(({ record }) => record)
}
