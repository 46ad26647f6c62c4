import type { TestDatabase } from '@arc3088/testkit'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runNodeCommand, type IssuerTables } from '../src/index.ts'
import { readUnpairedCodes } from '../src/assignment/assignment.store.ts'
import { verifyWholeTree } from '../src/log/check-tree.ts'
import { burnLost } from '../src/restore/burn.ts'
import { checkRestore } from '../src/restore/check-restore.ts'
import { findLoss } from '../src/restore/loss.store.ts'
import { skipAhead } from '../src/restore/skip-ahead.ts'
import {
  backUp,
  createDrillNode,
  DRILL_ENTITY,
  ownerOf,
  startDrillProcess,
  type DrillNode,
  type DrillProcess,
} from './restore-node.ts'
import { createIssuerDatabase, submit, type Wanted } from './test-issuer.ts'
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

/** Assigns under keys of a name, and answers what was acknowledged. */
async function issue(process: DrillProcess, name: string, count: number, wish?: (nth: number) => number) {
  const acknowledged: string[] = []
  for (let at = 0; at < count; at += 500) {
    const batch = Array.from({ length: Math.min(500, count - at) }, (_, nth) => {
      const request: Wanted = wish === undefined ? {} : { wish: wish(at + nth) }
      return process.assign(submit(`${name}-${at + nth}`, request))
    })
    acknowledged.push(...(await Promise.all(batch)).map(({ subject }) => subject.text))
  }
  return acknowledged
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
}, 120_000)

/** A node that was put back by a little: leases, lists, chosen codes, log entries. */
async function putBackALittle(): Promise<void> {
  {
    await using first = await startDrillProcess(database, node)
    await issue(first, 'early', 10)
    await first.log.drainNow()
  }
  await using backup = await backUp(database)
  {
    await using second = await startDrillProcess(database, node)
    await issue(second, 'late', 40)
    await issue(second, 'chosen', 5, (nth) => nth + 1)
    await second.log.drainNow()
  }
  await backup.putBack()
}

const STEPS = ['restore:leases', 'restore:codes', 'restore:log', 'restore:audited', 'restore:committed']

describe('burning', () => {
  test.each(STEPS)('killed at %s leaves all or nothing, and again finishes it', async (step) => {
    await putBackALittle()
    {
      await using dying = await startDrillProcess(database, node, {
        reached: (reached) => {
          if (reached === step) throw new Error('killed')
        },
      })
      await expect(burnLost(dying.parts, { ambient: dying.ambient, operator })).rejects.toThrow('killed')
      const { kind } = (await checkRestore(dying.parts)).verdict
      expect(kind).toBe(step === 'restore:committed' ? 'agrees' : 'behind')
    }
    await using again = await startDrillProcess(database, node)
    await burnLost(again.parts, { ambient: again.ambient, operator })
    expect((await checkRestore(again.parts)).verdict).toEqual({ kind: 'agrees' })
    const { rows } = await sql<{ count: number }>`
      select count(*)::integer as count from audit_entry where act = 'restore:burn'`.execute(again.db)
    expect(rows[0]?.count).toBe(1)
  })

  test('an empty database makes its ranges again from the journal, and goes on where they ended', async () => {
    const given: string[] = []
    {
      await using first = await startDrillProcess(database, node)
      given.push(...(await issue(first, 'early', 100)))
      await first.log.drainNow()
    }
    await database.drop()
    database = await createIssuerDatabase()
    {
      await using empty = await startDrillProcess(database, node)
      expect(empty.verdict.kind).toBe('behind')
      expect(await burnLost(empty.parts, { ambient: empty.ambient, operator })).toMatchObject({
        rangesMadeAgain: 1,
      })
    }
    await using after = await startDrillProcess(database, node)
    const fresh = await issue(after, 'fresh', 1000)
    expect(fresh.filter((code) => given.includes(code))).toEqual([])
  })

  test('is refused where the entries of the journal do not lead to what was shown, and changes nothing', async () => {
    await putBackALittle()
    await using noticed = await startDrillProcess(database, node)
    const { parts } = noticed
    const lying = {
      ...parts,
      journal: {
        ...parts.journal,
        marks: parts.journal.marks,
        async *logEntries() {
          for await (const run of parts.journal.logEntries()) {
            yield { from: run.from, entries: run.entries.toReversed() }
          }
        },
      },
    }
    await expect(burnLost(lying, { ambient: noticed.ambient, operator })).rejects.toMatchObject({
      code: 'restore-refused',
    })
    expect((await checkRestore(parts)).verdict.kind).toBe('behind')
  })
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

describe('by command', () => {
  async function run(args: readonly string[], environment: Record<string, string> = {}) {
    const lines: string[] = []
    const code = await runNodeCommand({
      argv: args,
      environment: {
        ENTITY_ID: DRILL_ENTITY,
        DATABASE_URL: database.appUrl,
        JOURNAL_DIR: node.journal,
        ...environment,
      },
      service: 'drill',
      migrations: [],
      roles: [],
      write: (line) => void lines.push(line),
      serve: () => Promise.resolve(),
    })
    return { code, text: lines.join('\n') }
  }

  test('checks, refuses to burn without the name of the node, burns once, and then has nothing to burn', async () => {
    await putBackALittle()
    expect(await run(['restore:check'])).toMatchObject({
      code: 1,
      text: expect.stringMatching(
        /^restore-refused: the database is older than its journal: range .* lacks \d+/,
      ),
    })
    expect(await run(['restore:burn'])).toMatchObject({
      code: 2,
      text: expect.stringContaining('--confirm https'),
    })
    expect(await run(['restore:burn', '--confirm', 'https://p2.example'])).toMatchObject({ code: 2 })
    expect(await run(['restore:burn', '--confirm', DRILL_ENTITY])).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^burnt: .*"chosenCodes":5/),
    })
    expect(await run(['restore:burn', '--confirm', DRILL_ENTITY])).toEqual({
      code: 0,
      text: 'nothing to burn',
    })
    expect(await run(['restore:check'])).toMatchObject({ code: 0 })
  })

  test('needs the journal to skip ahead to be lost, and a number', async () => {
    await putBackALittle()
    const skip = ['restore:burn', '--confirm', DRILL_ENTITY, '--skip-ahead']
    expect(await run([...skip, '10'])).toMatchObject({ code: 1, text: expect.stringContaining('not empty') })
    expect(await run([...skip, 'many'])).toMatchObject({ code: 2 })
    const unset = await run(['restore:check'], { JOURNAL_DIR: '' })
    expect(unset).toMatchObject({ code: 2, text: expect.stringContaining('JOURNAL_DIR') })
  })
})

describe('a journal that is lost', () => {
  async function loseJournal(): Promise<string[]> {
    node.witnesses.push(await createTestWitness('w.example', node.key))
    const given: string[] = []
    {
      await using first = await startDrillProcess(database, node)
      given.push(...(await issue(first, 'early', 100)))
      await first.log.drainNow()
    }
    node[Symbol.dispose]()
    return given
  }

  test('and no witness answers: read-only, since nobody can say', async () => {
    await loseJournal()
    node.witnesses.length = 0
    await using unsure = await startDrillProcess(database, node)
    expect(unsure.verdict).toEqual({ kind: 'unknown' })
    const skip = skipAhead(unsure.parts, {
      ambient: unsure.ambient,
      operator,
      count: 500,
      closeChosen: false,
    })
    await expect(skip).rejects.toMatchObject({ code: 'restore-refused' })
  })

  test('skips ahead where a witness finds its checkpoint in our log; the journal begins anew', async () => {
    const given = await loseJournal()
    const [witness] = node.witnesses
    node.witnesses.length = 0
    {
      await using unsure = await startDrillProcess(database, node)
      expect(unsure.verdict).toEqual({ kind: 'unknown' })
      const parts = {
        ...unsure.parts,
        witnesses: witness === undefined ? [] : [witness.address],
        askWitness: witness?.ask ?? unsure.parts.askWitness,
      }
      const options = { ambient: unsure.ambient, operator, count: 500, closeChosen: true }
      expect(await skipAhead(parts, options)).toEqual({ ranges: 1, statusLists: 1, chosenRangesClosed: 1 })
    }
    await using after = await startDrillProcess(database, node)
    expect(after.verdict).toEqual({ kind: 'agrees' })
    const fresh = await issue(after, 'fresh', 300)
    expect(fresh.filter((code) => given.includes(code))).toEqual([])
    await expect(after.assign(submit('chosen', { wish: 5 }))).rejects.toMatchObject({
      code: 'number-out-of-plan',
    })
  })

  test('is refused where a witness has seen more than we have', async () => {
    await loseJournal()
    await using backup = await backUp(database)
    {
      await using second = await startDrillProcess(database, node)
      await issue(second, 'late', 10)
      await second.log.drainNow()
    }
    node[Symbol.dispose]()
    await backup.putBack()
    await using noticed = await startDrillProcess(database, node)
    expect(noticed.verdict).toMatchObject({ kind: 'behind', shortfalls: [{ what: 'witness', by: 10 }] })
    const skip = skipAhead(noticed.parts, {
      ambient: noticed.ambient,
      operator,
      count: 500,
      closeChosen: false,
    })
    await expect(skip).rejects.toMatchObject({ code: 'restore-refused' })
  })
})
