import { join } from 'node:path'

import { recordHash } from '@arc3088/records'
import { freePort, waitFor } from '@arc3088/testkit'
import pg from 'pg'
import { expect, test } from 'vitest'

import { openFederation } from '../programs/federation.ts'
import { findLogOf, proofFaults, readFeed, shownSize } from '../programs/read-log.ts'
import { register, type Desk, type Registered } from '../programs/registrations.ts'
import { arc3088 } from '../programs/run-cli.ts'

const EACH = 300
const TIMEOUT_MS = 600_000

async function registerMany(desk: Desk, name: string): Promise<Registered[]> {
  return await Promise.all(
    Array.from({ length: EACH }, async (_, nth) => await register(desk, `${name}-${nth}`)),
  )
}

test(
  'two processes of one provider: both register, one leads the log; whoever leads is killed, and the log goes on unforked',
  { timeout: TIMEOUT_MS },
  async () => {
    await using federation = await openFederation()
    const { company, anchor, folder, adminUrl, token } = federation
    await using root = await federation.root.start()
    const port = await freePort()
    const [one, other] = [company.url, `http://127.0.0.1:${port}`].map((url): Desk => ({ url, token }))
    if (one === undefined || other === undefined) throw new Error('unreachable')
    let first = await company.start()
    let second = await company.start({ PORT: String(port) })
    const state = join(folder, 'fsck.json')
    const log = await findLogOf(anchor, one.url)
    /** One memory for both: what the one shows must go on from what the other has shown. */
    const fsck = async ({ url }: Desk) => {
      const args = ['log', 'fsck', `${url}/tlog`, '--vkey', log.vkeys[0] ?? '', '--state', state, '--json']
      const { code, json } = await arc3088(args)
      return [code, json()['faults']]
    }
    const sound = [0, []]
    const answers: Registered[] = []
    const registerAt = async (...desks: { desk: Desk; name: string }[]) => {
      const given = await Promise.all(desks.map(async ({ desk, name }) => await registerMany(desk, name)))
      answers.push(...given.flat())
    }

    await registerAt({ desk: one, name: 'one' }, { desk: other, name: 'other' })
    const leader = await leaderOf(adminUrl, company.environment)
    expect([await fsck(one), await fsck(other)]).toEqual([sound, sound])

    const underWay = registerAt({ desk: other, name: 'meanwhile' })
    await first.kill()
    await underWay
    const successor = await waitFor(
      async () => {
        const now = await leaderOf(adminUrl, company.environment)
        return now !== undefined && now !== leader && now
      },
      { what: 'another leader' },
    )
    expect(
      await proofFaults(
        other.url,
        log,
        answers.map(({ record }) => record),
      ),
    ).toEqual([])
    expect(await fsck(other)).toEqual(sound)

    first = await company.start()
    await registerAt({ desk: one, name: 'back' })
    expect(await leaderOf(adminUrl, company.environment)).toBe(successor)
    const last = registerAt({ desk: one, name: 'last' })
    await second.kill()
    await last
    second = await company.start({ PORT: String(port) })
    const records = answers.map(({ record }) => record)
    expect(await proofFaults(one.url, log, records)).toEqual([])
    expect([await fsck(one), await fsck(other)]).toEqual([sound, sound])

    const sizes = async () => [await shownSize(one.url), await shownSize(other.url)]
    const isSame = async () => new Set(await sizes()).size === 1
    await waitFor(isSame, { what: 'both to show the same' })
    const feed = await readFeed(one.url)
    expect(await readFeed(other.url)).toEqual(feed)
    expect(feed.map(({ seq }) => seq)).toEqual(feed.map((_, nth) => String(nth + 1)))
    const inLog = feed.filter(({ t }) => t === 'assign').map(({ h }) => h)
    expect(new Set(inLog).size).toBe(inLog.length)
    const hashes = await Promise.all(records.map(recordHash))
    expect(hashes.filter((hash) => !inLog.includes(hash))).toEqual([])
    expect(new Set(answers.map(({ code }) => code)).size).toBe(5 * EACH)
    await Promise.all([first.stop(), second.stop()])
    expect(root.child.exitCode).toBeNull()
  },
)

/** The session at PostgreSQL that holds the lock of the log; undefined while none does. */
async function leaderOf(
  adminUrl: string,
  { DATABASE_URL: url = '' }: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number }>(
      `select l.pid from pg_locks l join pg_database d on d.oid = l.database
       where l.locktype = 'advisory' and l.granted and l.classid = 3088 and l.objid = 190 and d.datname = $1`,
      [new URL(url).pathname.slice(1)],
    )
    expect(rows.length).toBeLessThan(2)
    return rows[0]?.pid
  } finally {
    await client.end()
  }
}
