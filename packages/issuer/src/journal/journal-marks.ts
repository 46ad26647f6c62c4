import type { IssueMark, RangeDefinition, StatusListMark } from './journal.ts'
import type { JournalMark } from './journal-line.ts'

/** What a journal knows by heart: all but the chosen codes and the entries, which stay in its files. */
export interface JournalMarks {
  readonly ranges: ReadonlyMap<string, RangeDefinition>
  /** By range: how many positions may have been given. */
  readonly leases: ReadonlyMap<string, number>
  /** By list number. */
  readonly lists: ReadonlyMap<number, StatusListMark>
  /** By the name of the document: the highest number. */
  readonly issues: ReadonlyMap<string, IssueMark>
  /** The text of the largest checkpoint. */
  readonly checkpoint: string | undefined
}

/** Marks that grow as lines are read and written. */
export interface GrowingMarks extends JournalMarks {
  add(mark: JournalMark): void
  /** The same marks in as few lines as they need: a new file begins with them, so that older files can go. */
  summary(): JournalMark[]
}

/** Starts with nothing. Marks only grow: an older one told again changes nothing. */
export function createMarks(): GrowingMarks {
  const ranges = new Map<string, RangeDefinition>()
  const leases = new Map<string, number>()
  const lists = new Map<number, StatusListMark>()
  const issues = new Map<string, IssueMark>()
  let checkpoint: string | undefined

  return {
    ranges,
    leases,
    lists,
    issues,
    get checkpoint() {
      return checkpoint
    },
    add(mark) {
      switch (mark.t) {
        case 'range': {
          const { t: _, key, business_type: businessType, ...range } = mark
          const scrambleKey = key === null ? null : Buffer.from(key, 'base64url')
          ranges.set(mark.id, { ...range, scrambleKey, ...(businessType === null ? {} : { businessType }) })
          return
        }
        case 'lease':
          leases.set(mark.range, Math.max(mark.up_to, leases.get(mark.range) ?? 0))
          return
        case 'list': {
          const upTo = Math.max(mark.up_to, lists.get(mark.list)?.upTo ?? 0)
          lists.set(mark.list, { statusList: mark.list, level: mark.level, upTo })
          return
        }
        case 'issue':
          if (mark.seq > (issues.get(mark.name)?.seq ?? 0))
            issues.set(mark.name, { name: mark.name, seq: mark.seq, hash: mark.hash })
          return
        case 'checkpoint':
          if (checkpoint === undefined || sizeOf(mark.note) >= sizeOf(checkpoint)) checkpoint = mark.note
          return
        case 'node':
        case 'begun':
        case 'chosen':
        case 'entries':
      }
    },
    summary: () => [
      ...[...ranges.values()].map(rangeMark),
      ...[...leases].map(([range, upTo]) => ({ t: 'lease' as const, range, up_to: upTo })),
      ...[...lists.values()].map(listMark),
      ...[...issues.values()].map((mark) => ({ t: 'issue' as const, ...mark })),
      ...(checkpoint === undefined ? [] : [{ t: 'checkpoint' as const, note: checkpoint }]),
    ],
  }
}

/** A range as a line spells it. */
export function rangeMark({ scrambleKey, ...range }: RangeDefinition): JournalMark {
  const { id, level, name, kind, first, last, businessType = null } = range
  const key = scrambleKey === null ? null : Buffer.from(scrambleKey).toString('base64url')
  return { t: 'range', id, level, name, kind, first, last, business_type: businessType, key }
}

/** How far a list is leased, as a line spells it. */
export function listMark({ statusList, level, upTo }: StatusListMark): JournalMark {
  return { t: 'list', list: statusList, level, up_to: upTo }
}

/** The second line of a checkpoint (tlog-checkpoint). Ours, and checksummed: it is not judged here. */
function sizeOf(note: string): number {
  return Number(note.split('\n', 2)[1])
}
