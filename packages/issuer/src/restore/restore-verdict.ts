import type { Level } from '@arc3088/codec'

/** What the database has less of than the journal or a witness has seen. */
export type Shortfall =
  | { readonly what: 'range'; readonly id: string; readonly by: number }
  | { readonly what: 'status-list'; readonly list: number; readonly level: Level; readonly by: number }
  | { readonly what: 'chosen-codes'; readonly by: number }
  | { readonly what: 'log'; readonly by: number }
  | { readonly what: 'witness'; readonly url: string; readonly by: number }

/**
 * Whether the database is the newest that there was. `behind`: it was put back to an older one. `contradicts`: its log
 * is not the log that was shown, which no command can mend. `unknown`: nobody can say.
 */
export type RestoreVerdict =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'behind'; readonly shortfalls: readonly Shortfall[] }
  | { readonly kind: 'contradicts'; readonly detail: string }
  | { readonly kind: 'unknown' }

/** What a witness said of the newest checkpoint that this node has shown. */
export type WitnessWord =
  | { readonly kind: 'agrees'; readonly url: string }
  | { readonly kind: 'ahead'; readonly url: string; readonly size: number }
  | { readonly kind: 'forked'; readonly url: string; readonly size: number }
  | { readonly kind: 'silent'; readonly url: string; readonly detail: string }

/** A tree that was shown. */
export interface ShownTree {
  readonly origin: string
  readonly size: number
  /** Hexadecimal. */
  readonly root: string
}

/** What is compared. */
export interface RestoreFacts {
  readonly database: {
    /** No code, no lease, no log. */
    readonly isNew: boolean
    /** Nothing but acts of the time before there was a log, which no process of that time journaled. */
    readonly isBeforeLog: boolean
    readonly leases: ReadonlyMap<string, number>
    readonly lists: ReadonlyMap<number, number>
    readonly log: { readonly origin: string; readonly size: number }
    /** Why the stored tree is none, where it is not. */
    readonly unsound?: string
  }
  readonly journal: {
    readonly isEmpty: boolean
    readonly leases: ReadonlyMap<string, number>
    readonly lists: ReadonlyMap<number, { readonly level: Level; readonly upTo: number }>
    readonly shown?: ShownTree
    /** The root that the stored tree had at the size that was shown; undefined while it is smaller. */
    readonly storedRoot?: string
    /** Acknowledged chosen codes that the ledger does not have. */
    readonly chosenMissing: number
  }
  readonly witnesses: readonly WitnessWord[]
}

/** Compares. Pure: everything that was read stands in the facts. */
export function judgeRestore(facts: RestoreFacts): RestoreVerdict {
  const { database, journal, witnesses } = facts
  const contradiction = findContradiction(facts)
  if (contradiction !== undefined) return { kind: 'contradicts', detail: contradiction }
  const shortfalls: Shortfall[] = []
  for (const [id, upTo] of journal.leases) {
    const by = upTo - (database.leases.get(id) ?? 0)
    if (by > 0) shortfalls.push({ what: 'range', id, by })
  }
  for (const [list, { level, upTo }] of journal.lists) {
    const by = upTo - (database.lists.get(list) ?? 0)
    if (by > 0) shortfalls.push({ what: 'status-list', list, level, by })
  }
  if (journal.chosenMissing > 0) shortfalls.push({ what: 'chosen-codes', by: journal.chosenMissing })
  const logBy = (journal.shown?.size ?? 0) - database.log.size
  if (logBy > 0) shortfalls.push({ what: 'log', by: logBy })
  for (const word of witnesses) {
    if (word.kind !== 'ahead') continue
    shortfalls.push({ what: 'witness', url: word.url, by: word.size - database.log.size })
  }
  if (shortfalls.length > 0) return { kind: 'behind', shortfalls }
  const somebodySpoke = !journal.isEmpty || witnesses.some((word) => word.kind === 'agrees')
  const hadNothingToSay = database.isNew || database.isBeforeLog
  return somebodySpoke || hadNothingToSay ? { kind: 'agrees' } : { kind: 'unknown' }
}

function findContradiction({ database, journal, witnesses }: RestoreFacts): string | undefined {
  if (database.unsound !== undefined) return database.unsound
  const { shown, storedRoot } = journal
  if (shown !== undefined && database.log.size > 0 && shown.origin !== database.log.origin) {
    return `the stored log is ${database.log.origin}; the journal has shown one of ${shown.origin}`
  }
  if (shown !== undefined && storedRoot !== undefined && storedRoot !== shown.root) {
    return `at size ${shown.size} the stored log has root ${storedRoot}; the journal has shown ${shown.root}`
  }
  const fork = witnesses.find((word) => word.kind === 'forked')
  return fork === undefined
    ? undefined
    : `the witness at ${fork.url} has cosigned another tree of size ${fork.size}`
}

/** The verdict in one line, for the log, `/readyz` and the operator. */
export function describeVerdict(verdict: RestoreVerdict): string {
  switch (verdict.kind) {
    case 'agrees':
      return 'the database agrees with its journal and witnesses'
    case 'behind':
      return `the database is older than its journal: ${verdict.shortfalls.map(describeShortfall).join('; ')}`
    case 'contradicts':
      return `the log in the database is not the log that was shown: ${verdict.detail}`
    case 'unknown':
      return 'the database has assignments, but its journal is empty and no witness answered'
  }
}

function describeShortfall(shortfall: Shortfall): string {
  switch (shortfall.what) {
    case 'range':
      return `range ${shortfall.id} lacks ${shortfall.by} leased numbers`
    case 'status-list':
      return `status list ${shortfall.list} lacks ${shortfall.by} leased entries`
    case 'chosen-codes':
      return `${shortfall.by} acknowledged chosen codes are missing`
    case 'log':
      return `the log lacks ${shortfall.by} entries`
    case 'witness':
      return `the witness at ${shortfall.url} has seen ${shortfall.by} entries more`
  }
}
