import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { followChanges } from '@arc3088/client'
import {
  entryAt,
  readAssignmentRecord,
  readStatusListToken,
  recordHash,
  STATUS,
  unpackStatusList,
  type AssignmentRecord,
  type Change,
} from '@arc3088/records'
import { waitFor } from '@arc3088/testkit'
import pg from 'pg'
import { expect, test } from 'vitest'

import { ONTOLOGY, openFederation } from '../programs/federation.ts'
import { findLogOf, proofFaults, readFeed, shownSize } from '../programs/read-log.ts'
import { changeLife, register, type Desk, type Registered } from '../programs/registrations.ts'
import { arc3088 } from '../programs/run-cli.ts'

const SINGLES = 4000
const BULK_LINES = 6000
const CONNECTIONS = 48
const RETRIED_EVERY = 3
const LOCKED_EVERY = 40
const UNLOCKED_EVERY = 3
/** Shares of the single registrations after which the provider is killed. */
const KILLS = [0.25, 0.5, 0.75]
/** The share after which PostgreSQL loses every connection. */
const CUT = 0.4
const TIMEOUT_MS = 600_000

/** What was acknowledged, by the key it was asked for under. */
type Acknowledged = Map<string, Registered[]>

/** Registers over many connections; a third goes to the end of the queue, to be sent again. */
async function registerSingles(
  desk: Desk,
  acknowledge: (key: string, answer: Registered) => void,
): Promise<void> {
  const queue = Array.from({ length: SINGLES }, (_, nth) => nth)
  const sent = new Set<number>()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let nth = queue.shift(); nth !== undefined; nth = queue.shift()) {
        if (!sent.has(nth) && nth % RETRIED_EVERY === 0) queue.push(nth)
        sent.add(nth)
        const key = `single-${nth}`
        acknowledge(key, await register(desk, key))
      }
    }),
  )
}

/** Registers in bulk, by the command line, which goes through the deaths of the node by itself. */
async function registerBulk({ url, token }: Desk): Promise<{ key: string; record: string }[]> {
  const keys = Array.from({ length: BULK_LINES }, (_, nth) => `bulk-${nth}`)
  const { code, stdout, stderr } = await arc3088(
    ['instance', 'bulk', '--url', url, '--ontology', ONTOLOGY, '--json'],
    {
      input: keys.map((key) => `${JSON.stringify({ key })}\n`).join(''),
      environment: { ARC3088_TOKEN: token },
    },
  )
  if (code !== 0) throw new Error(`instance bulk ended with ${code}: ${stderr}${stdout.slice(-500)}`)
  const lines = stdout.trimEnd().split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as { key: string; record: string })
}

/** Locks some of what was acknowledged, and unlocks some of that; answers what is locked then. */
async function lockSome(desk: Desk, acknowledged: Acknowledged, isOver: () => boolean): Promise<Set<string>> {
  const locked = new Set<string>()
  let seen = 0
  while (!isOver()) {
    for (const [answer] of [...acknowledged.values()].slice(seen)) {
      seen += 1
      if (answer === undefined || seen % LOCKED_EVERY !== 0) continue
      const { code } = answer
      await changeLife(desk, code, 'lock')
      locked.add(code)
      if (locked.size % UNLOCKED_EVERY !== 0) continue
      await changeLife(desk, code, 'unlock')
      locked.delete(code)
    }
    await sleep(20)
  }
  return locked
}

function claimsOf(jws: string): AssignmentRecord {
  const read = readAssignmentRecord(jws)
  if (read.kind === 'rejected') throw new Error(read.detail)
  return read.claims
}

test(
  '10,000 registrations, single, again and in bulk, locks among them, the provider killed three times and PostgreSQL cut: nothing twice, nothing lost, all proved',
  { timeout: TIMEOUT_MS },
  async () => {
    await using federation = await openFederation()
    const { company, anchor, adminUrl, token } = federation
    await using root = await federation.root.start()
    let provider = await company.start()
    const desk: Desk = { url: company.url, token }
    const acknowledged: Acknowledged = new Map()
    const stop = new AbortController()
    const seen: Change[] = []
    const following = follow(company.url, seen, stop.signal)
    try {
      let count = 0
      let isOver = false
      const singles = registerSingles(desk, (key, answer) => {
        acknowledged.set(key, [...(acknowledged.get(key) ?? []), answer])
        count += 1
      })
      const bulk = registerBulk(desk)
      const working = Promise.all([singles, bulk])
      const reached = async (share: number) => {
        const isReached = () => count >= SINGLES * share
        const what = `${share} of the registrations`
        await Promise.race([waitFor(isReached, { what, timeoutMs: TIMEOUT_MS, intervalMs: 5 }), working])
      }
      const deaths = (async () => {
        for (const share of KILLS) {
          await reached(share)
          await provider.kill()
          provider = await company.start()
        }
      })()
      const cutting = reached(CUT).then(async () => await cutConnections(adminUrl, company.environment))
      const work = Promise.all([bulk, cutting, singles, deaths]).finally(() => {
        isOver = true
      })
      const locking = lockSome(desk, acknowledged, () => isOver)
      const [[inBulk, cut], locked] = await Promise.all([work, locking])
      expect(cut).toBeGreaterThan(0)

      const singleAnswers = [...acknowledged.values()]
      const retried = singleAnswers.filter((each) => each.length > 1)
      expect(retried).toHaveLength(Math.ceil(SINGLES / RETRIED_EVERY))
      expect(retried.filter(([one, other]) => one?.text !== other?.text)).toEqual([])
      expect(inBulk).toHaveLength(BULK_LINES)
      const records = [...singleAnswers.flatMap(([first]) => first ?? []), ...inBulk].map(
        ({ record }) => record,
      )
      expect(new Set(records.map((record) => claimsOf(record).sub)).size).toBe(SINGLES + BULK_LINES)

      // What was committed and never acknowledged stands in ledger and log all the same, once.
      const hashes = await readStoredHashes(company.environment['DATABASE_URL'] ?? '')
      const acknowledgedHashes = await Promise.all(records.map(recordHash))
      expect(acknowledgedHashes.filter((hash) => !hashes.has(hash))).toEqual([])
      await waitFor(async () => seen.length > 0 && seen.length === (await shownSize(company.url)), {
        what: 'the consumer to have everything',
      })
      const inLog = seen.filter(({ t }) => t === 'assign').map(({ h }) => h)
      expect(inLog.toSorted()).toEqual([...hashes].toSorted())
      expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, nth) => String(nth + 1)))
      expect(await readFeed(company.url)).toEqual(seen)

      const log = await findLogOf(anchor, company.url)
      expect(await proofFaults(company.url, log, records)).toEqual([])
      const state = join(federation.folder, 'fsck.json')
      const fsck = await arc3088([
        'log',
        'fsck',
        `${company.url}/tlog`,
        '--anchor',
        anchor,
        '--state',
        state,
        '--json',
      ])
      expect([fsck.code, fsck.json()]).toEqual([
        0,
        expect.objectContaining({ sound: true, faults: [], entries: seen.length }),
      ])
      const isPublished = async () => (await wrongStatuses(records, locked)).length === 0
      await waitFor(isPublished, { what: 'the status lists', intervalMs: 500 })
      expect(locked.size).toBeGreaterThan(0)
      expect(root.child.exitCode).toBeNull()
    } finally {
      stop.abort()
      await following
      await provider.kill()
    }
  },
)

/** Follows the feed through every death of its node; what contradicts itself is thrown when it is awaited. */
async function follow(url: string, seen: Change[], signal: AbortSignal): Promise<void> {
  const keys = () => Promise.reject(new Error('the feed goes back to its beginning: no snapshot is needed'))
  const changes = followChanges({ baseUrl: url, fetch, keys, now: () => new Date(), signal, waitSeconds: 2 })
  for await (const change of changes) seen.push(change)
}

/** Ends every session of the node at PostgreSQL; answers how many there were. */
async function cutConnections(
  adminUrl: string,
  { DATABASE_URL: url = '' }: Readonly<Record<string, string>>,
): Promise<number> {
  const sql = 'select pg_terminate_backend(pid) from pg_stat_activity where usename = $1'
  return (await query(adminUrl, sql, [new URL(url).username])).length
}

async function readStoredHashes(url: string): Promise<Set<string>> {
  const sql = `select r.hash from code_ledger join assignment_record r using (provider, requester, ontology, instance)`
  const rows = await query(url, sql, [])
  return new Set(rows.map(({ hash }) => Buffer.from(hash as Buffer).toString('base64url')))
}

async function query(url: string, sql: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql, values)
    return rows
  } finally {
    await client.end()
  }
}

/** Which of these are not in their status list as they should be: suspended where they are locked, else valid. */
async function wrongStatuses(records: readonly string[], locked: ReadonlySet<string>): Promise<string[]> {
  const lists = new Map<string, Uint8Array>()
  const wrong: string[] = []
  for (const { sub, status } of records.map(claimsOf)) {
    const { uri, idx } = status.status_list
    const bytes = lists.get(uri) ?? (await readList(uri))
    lists.set(uri, bytes)
    if (entryAt(bytes, idx) !== (locked.has(sub) ? STATUS.suspended : STATUS.valid)) wrong.push(sub)
  }
  return wrong
}

async function readList(uri: string): Promise<Uint8Array> {
  const response = await fetch(uri, { headers: { accept: 'application/statuslist+jwt' } })
  const read = readStatusListToken(await response.text())
  if (read.kind === 'rejected') throw new Error(read.detail)
  const unpacked = await unpackStatusList(read.claims.status_list.lst)
  if (unpacked.kind === 'refused') throw new Error(unpacked.why)
  return unpacked.bytes
}
