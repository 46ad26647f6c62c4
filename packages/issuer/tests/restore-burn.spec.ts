import type { TestDatabase } from '@arc3088/testkit'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runNodeCommand, type IssuerTables } from '../src/index.ts'
import { burnLost } from '../src/restore/burn.ts'
import { checkRestore } from '../src/restore/check-restore.ts'
import { skipAhead } from '../src/restore/skip-ahead.ts'
import {
  backUp,
  createDrillNode,
  DRILL_ENTITY,
  issue,
  putBackALittle,
  startDrillProcess,
  type DrillNode,
} from './restore-node.ts'
import { createIssuerDatabase, submit } from './test-issuer.ts'
import { createTestWitness } from './test-log-process.ts'

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

const STEPS = ['restore:leases', 'restore:codes', 'restore:log', 'restore:audited', 'restore:committed']

describe('burning', () => {
  test.each(STEPS)('killed at %s leaves all or nothing, and again finishes it', async (step) => {
    await putBackALittle(database, node)
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
    await putBackALittle(database, node)
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
      witnessesOf: () => Promise.resolve([]),
      placesBesideRecords: () => Promise.resolve([]),
      write: (line) => void lines.push(line),
      serve: () => Promise.resolve(),
    })
    return { code, text: lines.join('\n') }
  }

  test('checks, refuses to burn without the name of the node, burns once, and then has nothing to burn', async () => {
    await putBackALittle(database, node)
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
    await putBackALittle(database, node)
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
