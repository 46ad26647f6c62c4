import { describe, expect, test } from 'vitest'

import { describeVerdict, judgeRestore, type RestoreFacts } from './restore-verdict.ts'

const ROOT = 'aa'.repeat(32)
const none = new Map<string, number>()

/** A database with a log of ten entries and a journal that has seen all of it. */
function facts(change: {
  database?: Partial<RestoreFacts['database']>
  journal?: Partial<RestoreFacts['journal']>
  witnesses?: RestoreFacts['witnesses']
}): RestoreFacts {
  return {
    database: {
      isNew: false,
      isBeforeLog: false,
      leases: new Map([['r', 64]]),
      lists: new Map([[0, 64]]),
      log: { origin: 'o/tlog', size: 10 },
      ...change.database,
    },
    journal: {
      isEmpty: false,
      leases: new Map([['r', 64]]),
      lists: new Map([[0, { level: 'instance', upTo: 64 }]]),
      shown: { origin: 'o/tlog', size: 10, root: ROOT },
      storedRoot: ROOT,
      chosenMissing: 0,
      ...change.journal,
    },
    witnesses: change.witnesses ?? [],
  }
}

const EMPTY_JOURNAL = {
  isEmpty: true,
  leases: none,
  lists: new Map(),
  chosenMissing: 0,
}
const url = 'https://w.example/'
const without = (key: 'shown' | 'storedRoot') => {
  const { [key]: _, ...journal } = facts({}).journal
  return journal
}

describe('agrees', () => {
  test.each<[string, RestoreFacts]>([
    ['the database has what the journal has', facts({})],
    [
      'the database has more',
      facts({ database: { leases: new Map([['r', 128]]), log: { origin: 'o/tlog', size: 12 } } }),
    ],
    ['no witness answered', facts({ witnesses: [{ kind: 'silent', url, detail: 'away' }] })],
    [
      'a new database and an empty journal',
      {
        ...facts({ database: { isNew: true, leases: none, lists: new Map(), log: { origin: '', size: 0 } } }),
        journal: EMPTY_JOURNAL,
      },
    ],
    [
      'no journal, and a database of the time before the log',
      { ...facts({ database: { isBeforeLog: true, log: { origin: '', size: 0 } } }), journal: EMPTY_JOURNAL },
    ],
    [
      'no journal, and a witness that has seen no more',
      { ...facts({ witnesses: [{ kind: 'agrees', url }] }), journal: EMPTY_JOURNAL },
    ],
  ])('%s', (_, given) => {
    expect(judgeRestore(given)).toEqual({ kind: 'agrees' })
  })
})

describe('is behind by what it lacks', () => {
  test.each<[string, RestoreFacts, object]>([
    ['leases', facts({ database: { leases: new Map([['r', 60]]) } }), { what: 'range', id: 'r', by: 4 }],
    ['a whole range', facts({ database: { leases: none } }), { what: 'range', id: 'r', by: 64 }],
    [
      'entries of a list',
      facts({ database: { lists: new Map([[0, 1]]) } }),
      { what: 'status-list', list: 0, level: 'instance', by: 63 },
    ],
    ['chosen codes', facts({ journal: { chosenMissing: 3 } }), { what: 'chosen-codes', by: 3 }],
    [
      'entries of the log',
      { ...facts({ database: { log: { origin: 'o/tlog', size: 7 } } }), journal: without('storedRoot') },
      { what: 'log', by: 3 },
    ],
    [
      'what a witness has seen',
      facts({ witnesses: [{ kind: 'ahead', url, size: 15 }] }),
      { what: 'witness', url, by: 5 },
    ],
  ])('%s', (_, given, shortfall) => {
    const verdict = judgeRestore(given)
    expect(verdict).toEqual({ kind: 'behind', shortfalls: [shortfall] })
    expect(describeVerdict(verdict)).toMatch(/^the database is older than its journal: .*\d/)
  })

  test('a database of the time before the log where the journal is not empty', () => {
    const given = facts({ database: { isBeforeLog: true, log: { origin: '', size: 0 } } })
    expect(judgeRestore(given)).toEqual({ kind: 'behind', shortfalls: [{ what: 'log', by: 10 }] })
  })

  test('a new database where the journal is not empty', () => {
    const database = { isNew: true, leases: none, lists: new Map(), log: { origin: '', size: 0 } }
    expect(judgeRestore({ ...facts({ database }), journal: without('storedRoot') })).toMatchObject({
      kind: 'behind',
    })
  })
})

describe('contradicts, whatever else is behind', () => {
  test.each<[string, RestoreFacts]>([
    [
      'another root at the size that was shown',
      facts({ journal: { storedRoot: 'bb'.repeat(32) }, database: { leases: none } }),
    ],
    ['another origin', facts({ database: { log: { origin: 'x/tlog', size: 10 } } })],
    ['tiles that do not hash to their root', facts({ database: { unsound: 'the stored tiles …' } })],
    ['a witness that has cosigned another tree', facts({ witnesses: [{ kind: 'forked', url, size: 10 }] })],
  ])('%s', (_, given) => {
    expect(judgeRestore(given)).toMatchObject({ kind: 'contradicts' })
  })
})

test('nobody can say: assignments, no journal, and no witness that answered', () => {
  const witnesses = [{ kind: 'silent', url, detail: 'away' }] as const
  expect(judgeRestore({ ...facts({ witnesses }), journal: EMPTY_JOURNAL })).toEqual({ kind: 'unknown' })
})
