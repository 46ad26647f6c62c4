import { waitFor, type TestDatabase } from '@arc3088/testkit'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Subject } from '@arc3088/codec'
import type { StatusValue } from '@arc3088/records'
import { codeKeyOf, setStatus, type IssuerTables } from '../src/index.ts'
import { readStoredRecord, readUnpairedCodes } from '../src/assignment/assignment.store.ts'
import { adoptEarlierActs } from '../src/log/adopt-earlier-acts.ts'
import { createLogNamer } from '../src/log/log-name.ts'
import { verifyWholeTree } from '../src/log/check-tree.ts'
import { burnLost } from '../src/restore/burn.ts'
import { checkRestore } from '../src/restore/check-restore.ts'
import { findLoss } from '../src/restore/loss.store.ts'
import {
  backUp,
  createDrillNode,
  issue,
  ownerOf,
  startDrillProcess,
  type DrillNode,
  type DrillProcess,
} from './restore-node.ts'
import { createIssuerDatabase, submit } from './test-issuer.ts'
import { createTestWitness, namesInLog, TEST_ORIGIN } from './test-log-process.ts'

let database: TestDatabase<IssuerTables>
let node: DrillNode
beforeEach(async () => {
  database = await createIssuerDatabase()
  node = await createDrillNode()
})
afterEach(async () => {
  node[Symbol.dispose]()
  await database.drop()
})

const operator = 'operator:drill'

/** The requester number of `1.2.156.3088.1.1.<requester>`. */
function requesterOf(code: string): number {
  return Number.parseInt(code.split('.').at(-1) ?? '', 36)
}

test('drill: put back, noticed, read-only, burnt, and no acknowledged code is ever given again', async () => {
  node.witnesses.push(await createTestWitness('w.example', node.key))
  const before: string[] = []
  {
    await using first = await startDrillProcess(database, node)
    expect(first.verdict).toEqual({ kind: 'agrees' })
    before.push(...(await issue(first, 'early', 300)))
    before.push(...(await issue(first, 'early-chosen', 50, (nth) => nth + 1)))
    await first.log.drainNow()
    // Waits in the queue of the backup, and is in the log of the database that will be lost.
    before.push(...(await issue(first, 'queued', 20)))
  }
  await using backup = await backUp(database)

  const lost: string[] = []
  const shown = { size: 0, root: '', names: [] as string[] }
  {
    await using second = await startDrillProcess(database, node)
    expect(second.verdict).toEqual({ kind: 'agrees' })
    lost.push(...(await issue(second, 'late', 2500)))
    lost.push(...(await issue(second, 'late-chosen', 400, (nth) => nth + 101)))
    await second.log.drainNow()
    const { size, root } = await second.log.head()
    Object.assign(shown, { size, root, names: await namesInLog(second.log) })
    expect(size).toBe(before.length + lost.length)
    // Acknowledged and never in the log.
    lost.push(...(await issue(second, 'last', 300)))
    lost.push(...(await issue(second, 'last-chosen', 20, (nth) => nth + 901)))
  }
  await backup.putBack()

  {
    await using noticed = await startDrillProcess(database, node)
    expect(noticed.verdict).toMatchObject({ kind: 'behind' })
    const whats = noticed.verdict.kind === 'behind' ? noticed.verdict.shortfalls.map(({ what }) => what) : []
    expect(new Set(whats)).toEqual(new Set(['range', 'status-list', 'chosen-codes', 'log', 'witness']))
    await expect(noticed.assign(submit('refused'))).rejects.toMatchObject({ code: 'node-read-only' })
    await expect(noticed.readiness.check()).rejects.toMatchObject({ code: 'node-read-only' })
    expect(noticed.readOnly.at(-1)).toBe(true)
    await expect(noticed.log.drainNow()).rejects.toThrow(/read/)
    const report = await burnLost(noticed.parts, { ambient: noticed.ambient, operator })
    expect(report).toMatchObject({
      ranges: 1,
      chosenCodes: 420,
      log: { appended: shown.size - 350, queued: 0 },
    })
    expect(await burnLost(noticed.parts, { ambient: noticed.ambient, operator })).toBe('nothing-to-burn')
  }

  await using after = await startDrillProcess(database, node)
  expect([after.verdict, after.readOnly.at(-1)]).toEqual([{ kind: 'agrees' }, false])
  // The log goes on from exactly what was shown.
  await after.log.drainNow()
  expect(await after.log.head()).toMatchObject({ size: shown.size, root: shown.root })
  const acknowledged = new Set([...before, ...lost])
  const fresh = await issue(after, 'fresh', 3000)
  expect(fresh.filter((code) => acknowledged.has(code))).toEqual([])
  expect(new Set(fresh).size).toBe(3000)
  // A retry of a lost registration gets a code, and a new one.
  const retried = await after.assign(submit('late-0'))
  expect(acknowledged.has(retried.subject.text)).toBe(false)
  const wishes = [
    ...Array.from({ length: 50 }, (_, nth) => nth + 1),
    ...Array.from({ length: 420 }, (_, nth) => (nth < 400 ? nth + 101 : nth + 501)),
  ]
  const again = await Promise.allSettled(
    wishes.map((wish) => after.assign(submit(`again-${wish}`, { wish }))),
  )
  expect(
    new Set(
      again.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'given')),
    ),
  ).toEqual(new Set(['code-taken']))
  // Of what is lost nobody says that it never was; of what never was, nobody says that it is lost.
  const lossOf = (requester: number) =>
    findLoss(after.db, { provider: 1, requester, ontology: 0, instance: 0 })
  for (const code of lost.filter((_, nth) => nth % 50 === 0)) {
    expect(await lossOf(requesterOf(code))).toMatchObject({ reason: 'restored from an older backup' })
  }
  expect(await lossOf(999)).toBeUndefined()
  const unused = await Promise.all(Array.from({ length: 200 }, (_, nth) => lossOf(30_000 + nth)))
  expect(unused.filter((loss) => loss === undefined).length).toBeGreaterThan(150)
  // Every entry stands in the log once, those that were shown in their old places.
  await after.log.drainNow()
  const names = await namesInLog(after.log)
  expect(names.slice(0, shown.size)).toEqual(shown.names)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toHaveLength(shown.size + 3001)
  expect(await verifyWholeTree(after.db, { origin: TEST_ORIGIN })).toMatchObject({
    kind: 'sound',
    size: names.length,
  })
  expect(node.witnesses[0]?.seen.size).toBe(names.length)
  // Only what was burnt has no record.
  expect(await readUnpairedCodes(after.db, 1000)).toHaveLength(420)
  expect((await checkRestore(after.parts)).verdict).toEqual({ kind: 'agrees' })
})

test('a database put back under a running node is noticed at the next lease, and none of it is used', async () => {
  await using running = await startDrillProcess(database, node)
  await issue(running, 'early', 10)
  await using owner = ownerOf(database)
  await sql`alter table numbering_range disable trigger user`.execute(owner.db)
  await sql`update numbering_range set leased = 0 where kind <> 'chosen'`.execute(owner.db)
  await sql`delete from number_lease`.execute(owner.db)
  await expect(issue(running, 'late', 500)).rejects.toMatchObject({ code: 'node-read-only' })
  expect(running.gate.mode()).toMatchObject({
    readOnly: expect.stringMatching(/leased position 0 of range general again/),
  })
})

test('a database put back under a running node is noticed by its log before anything is appended to it', async () => {
  {
    await using first = await startDrillProcess(database, node)
    await issue(first, 'early', 10)
    await first.log.drainNow()
    await issue(first, 'queued', 5)
  }
  await using backup = await backUp(database)
  await using running = await startDrillProcess(database, node)
  running.log.start()
  await issue(running, 'late', 40)
  await running.log.drainNow()
  await waitFor(async () => (await running.log.head()).size === 55)
  await backup.putBack()
  await waitFor(() => running.gate.mode() !== 'read-write')
  expect(running.gate.mode()).toMatchObject({ readOnly: expect.stringMatching(/has 10 entries.*shown 55/) })
  await using owner = ownerOf(database)
  expect(await owner.db.selectFrom('log_state').select('size').execute()).toEqual([{ size: 10 }])
  expect(await owner.db.selectFrom('log_checkpoint').select('size').execute()).toEqual([{ size: 10 }])
})

test('of a code that was lost out of a block leased before the backup, nobody says that it never was', async () => {
  const lost: string[] = []
  {
    await using running = await startDrillProcess(database, node)
    await issue(running, 'early', 2)
    await running.log.drainNow()
    await using backup = await backUp(database)
    lost.push(...(await issue(running, 'late', 5)))
    await running.log.drainNow()
    await running[Symbol.asyncDispose]()
    await backup.putBack()
  }
  await using noticed = await startDrillProcess(database, node)
  expect(noticed.verdict).toEqual({ kind: 'behind', shortfalls: [{ what: 'log', by: 5 }] })
  await burnLost(noticed.parts, { ambient: noticed.ambient, operator })
  for (const code of lost) {
    const key = { provider: 1, requester: requesterOf(code), ontology: 0, instance: 0 }
    expect(await findLoss(noticed.db, key)).toMatchObject({ reason: 'restored from an older backup' })
  }
})

test('a burn says of which codes a change of status was undone, so that it can be made again', async () => {
  const changed: string[] = []
  await using backup = await (async () => {
    await using running = await startDrillProcess(database, node)
    const before = await running.assign(submit('kept'))
    await setStatusOf(running, before.subject, 2)
    const { subject } = await running.assign(submit('changed'))
    await running.log.drainNow()
    const made = await backUp(database)
    await setStatusOf(running, subject, 1)
    await running.log.drainNow()
    changed.push(subject.text)
    return made
  })()
  await backup.putBack()
  await using noticed = await startDrillProcess(database, node)
  const report = await burnLost(noticed.parts, { ambient: noticed.ambient, operator })
  expect(report).toMatchObject({ log: { appended: 1, undone: { statuses: 1, codes: changed, keySteps: 0 } } })
})

async function setStatusOf(process: DrillProcess, subject: Subject, value: StatusValue): Promise<void> {
  const stored = await readStoredRecord(process.db, codeKeyOf(subject))
  if (stored === undefined) throw new Error(`${subject.text} has no record`)
  const change = { subject, status: stored.status, value, at: process.ambient.now(), logName: subject.text }
  await process.db.transaction().execute((tx) => setStatus(tx, process.ambient, change))
}

test.each(['lease:committed', 'lease:journaled', 'assignment:committed', 'assignment:acknowledged'])(
  'killed at %s, the next process gives no number twice, and database and journal agree',
  async (step) => {
    const given: string[] = []
    let dies = false
    {
      await using dying = await startDrillProcess(database, node, {
        reached: (reached) => {
          if (dies && reached === step) throw new Error('killed')
        },
      })
      given.push(...(await issue(dying, 'early', 20)))
      given.push(...(await issue(dying, 'wish', 3, (nth) => nth + 1)))
      dies = true
      const settled = await Promise.allSettled([
        ...Array.from({ length: 60 }, (_, nth) => dying.assign(submit(`late-${nth}`))),
        dying.assign(submit('last-wish', { wish: 9 })),
      ])
      for (const one of settled) if (one.status === 'fulfilled') given.push(one.value.subject.text)
    }
    await using after = await startDrillProcess(database, node)
    expect(after.verdict).toEqual({ kind: 'agrees' })
    const fresh = await issue(after, 'fresh', 500)
    expect(fresh.filter((code) => given.includes(code))).toEqual([])
    // A retry of what was killed finds its code, or gets one; and it is in the journal before it is told.
    const { subject } = await after.assign(submit('last-wish', { wish: 9 }))
    expect(subject.text).toBe('1.2.156.3088.1.1.9')
    const journaled: number[] = []
    for await (const keys of after.journal.chosenCodes())
      journaled.push(...keys.map(({ requester }) => requester))
    expect(journaled).toContain(9)
  },
)

test('a process that starts while others write at full speed finds that database and journal agree', async () => {
  node.witnesses.push(await createTestWitness('w.example', node.key))
  await using busy = await startDrillProcess(database, node)
  busy.log.start()
  const stop = new AbortController()
  const work = async (): Promise<void> => {
    for (let round = 0; !stop.signal.aborted; round++) {
      await issue(busy, `auto-${round}`, 100)
      await issue(busy, `wish-${round}`, 5, (nth) => ((round * 5 + nth) % 900) + 1).catch(() => undefined)
    }
  }
  const working = work()
  try {
    for (let start = 0; start < 6; start++) {
      await using other = await startDrillProcess(database, node)
      expect(other.verdict).toEqual({ kind: 'agrees' })
      await issue(other, `other-${start}`, 20)
    }
  } finally {
    stop.abort()
    await working
  }
  expect(busy.gate.mode()).toBe('read-write')
})

test('killed between its very first lease and the journal, a new node starts again and writes', async () => {
  {
    await using dying = await startDrillProcess(database, node, {
      reached: (reached) => {
        if (reached === 'lease:committed') throw new Error('killed')
      },
    })
    await expect(issue(dying, 'first', 1)).rejects.toThrow('killed')
  }
  await using again = await startDrillProcess(database, node)
  expect(again.verdict).toEqual({ kind: 'agrees' })
  expect(await issue(again, 'first', 1)).toHaveLength(1)
})

test('processes of a new node that all start at once all write', async () => {
  const starting = Array.from({ length: 5 }, async (_, nth) => {
    await using one = await startDrillProcess(database, node)
    const given = await issue(one, `process-${nth}`, 50)
    return { verdict: one.verdict, given }
  })
  const started = await Promise.all(starting)
  expect(started.map(({ verdict }) => verdict.kind)).toEqual(Array<string>(5).fill('agrees'))
  expect(new Set(started.flatMap(({ given }) => given)).size).toBe(250)
})

test('a database of the time before the log writes from its first start on, and once it has a log only with its journal', async () => {
  {
    await using earlier = await startDrillProcess(database, node)
    await issue(earlier, 'early', 20)
  }
  // As the version before left it: an outbox row an act, no queue, no log, no journal.
  const { db } = database
  await sql`
    insert into outbox (id, act, provider, requester, ontology, instance, hash, issued_at)
    select uuidv7(), 'assign', provider, requester, ontology, instance, hash, issued_at from assignment_record`.execute(
    db,
  )
  await sql`delete from log_queue`.execute(db)
  node[Symbol.dispose]()
  {
    await using process = await startDrillProcess(database, node)
    expect([process.verdict, process.gate.mode()]).toEqual([{ kind: 'agrees' }, 'read-write'])
    const { ambient, log } = process
    expect(await adoptEarlierActs({ db: process.db, ambient, logNames: createLogNamer() })).toBe(20)
    await log.drainNow()
    expect(new Set([...(await issue(process, 'early', 20)), ...(await issue(process, 'late', 5))]).size).toBe(
      25,
    )
  }
  node[Symbol.dispose]()
  await using unsure = await startDrillProcess(database, node)
  expect(unsure.verdict).toEqual({ kind: 'unknown' })
})

test('nothing is answered that could not be journaled, and the node reads on', async () => {
  await using process = await startDrillProcess(database, node)
  await issue(process, 'early', 5)
  node[Symbol.dispose]()
  await expect(process.assign(submit('chosen', { wish: 5 }))).rejects.toMatchObject({
    code: 'node-read-only',
  })
  await expect(process.assign(submit('automatic'))).rejects.toMatchObject({ code: 'node-read-only' })
  expect(process.gate.mode()).toMatchObject({
    readOnly: expect.stringContaining('its journal cannot be written'),
  })
  expect(process.readOnly.at(-1)).toBe(true)
  const stored = await readStoredRecord(process.db, { provider: 1, requester: 5, ontology: 0, instance: 0 })
  expect(stored).toBeDefined()
})

test('a forked log is never written to, by any command', async () => {
  const witness = await createTestWitness('w.example', node.key)
  node.witnesses.push(witness)
  {
    await using first = await startDrillProcess(database, node)
    await issue(first, 'early', 10)
    await first.log.drainNow()
  }
  witness.seen = { ...witness.seen, root: new Uint8Array(32) }
  await using forked = await startDrillProcess(database, node)
  expect(forked.verdict).toMatchObject({ kind: 'contradicts' })
  await expect(forked.assign(submit('x'))).rejects.toMatchObject({ code: 'node-read-only' })
  await expect(burnLost(forked.parts, { ambient: forked.ambient, operator })).rejects.toMatchObject({
    code: 'restore-refused',
  })
})
