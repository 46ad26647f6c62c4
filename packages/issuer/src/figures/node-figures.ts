import { statfs } from 'node:fs/promises'

import type { Ambient, MetricSource, Reading } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { Feed } from '../feed/feed.ts'
import { forecastRange } from '../numbering/forecast.ts'
import { readRecentRangeUse } from '../numbering/read-range-use.ts'
import type { Supply } from '../numbering/supply.ts'
import type { StatusLists } from '../status/status-lists.ts'
import { readLogFigures, type StoredLogFigures } from './log-figures.store.ts'
import type { WitnessConduct } from './witness-watch.ts'

/** Parts of an issuing node that figures are told of. */
export interface FiguredNode {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Pick<Ambient, 'now'>
  readonly journalDir: string
  isJournalWritable(): boolean
  quorum(): number
  conducts(): readonly WitnessConduct[]
  readonly feed: Pick<Feed, 'log' | 'segments'>
  readonly statusLists: Pick<StatusLists, 'standing'>
  readonly supply: Pick<Supply, 'left'>
}

/** Rows of the queue that are counted; beyond, it is a backlog whatever its length. */
const QUEUE_COUNT_MAX = 100_000

/** The figures that every issuing node tells, by where they come from: one that fails leaves the others. */
export function nodeFigures(node: FiguredNode): MetricSource[] {
  const now = () => node.ambient.now()
  return [
    { name: 'log', read: async () => await readLog(node, now()) },
    { name: 'witnesses', read: () => Promise.resolve(tellConducts(node.conducts(), now())) },
    { name: 'journal', read: () => Promise.resolve([tellJournal(node)]) },
    { name: 'journal-disk', read: async () => await readJournalDisk(node) },
    { name: 'status', read: () => Promise.resolve(tellStatus(node.statusLists.standing(), now())) },
    { name: 'numbering', read: async () => await readNumbering(node, now()) },
  ]
}

/** Age in seconds of an instant; 0 where there is none, or where clocks differ. */
export function ageSeconds(now: Date, at: Date | null | undefined): number {
  return at === null || at === undefined ? 0 : Math.max(0, (now.getTime() - at.getTime()) / 1000)
}

async function readLog(node: FiguredNode, now: Date): Promise<Reading[]> {
  const [stored, head] = [await readLogFigures(node.db, QUEUE_COUNT_MAX), await node.feed.log.head()]
  if (stored === undefined) return []
  return [
    ...tellLog(stored, { now, quorum: node.quorum() }),
    { name: 'arc3088_feed_lag_changes', value: Math.max(0, stored.size - head.size) },
    {
      name: 'arc3088_feed_snapshot_lag_changes',
      value: Math.max(0, head.size - node.feed.segments.cover().last),
    },
  ]
}

function tellLog(stored: StoredLogFigures, { now, quorum }: { now: Date; quorum: number }): Reading[] {
  const { signedAt, witnessedAt } = stored
  const unwitnessedSince = quorum > 0 ? stored.unwitnessedSince : undefined
  return [
    { name: 'arc3088_log_queue_transactions', value: stored.queued },
    { name: 'arc3088_log_queue_oldest_age_seconds', value: ageSeconds(now, stored.oldestQueuedAt) },
    { name: 'arc3088_log_term', value: stored.term },
    { name: 'arc3088_log_size_entries', value: stored.size },
    { name: 'arc3088_log_published_entries', value: stored.published ?? 0 },
    { name: 'arc3088_log_witnessed_entries', value: stored.witnessed ?? 0 },
    ...aged('arc3088_log_checkpoint_age_seconds', now, signedAt),
    ...aged('arc3088_log_witnessed_age_seconds', now, witnessedAt),
    { name: 'arc3088_log_unwitnessed_age_seconds', value: ageSeconds(now, unwitnessedSince) },
    { name: 'arc3088_log_quorum_witnesses', value: quorum },
    { name: 'arc3088_witnessed_forks', value: stored.forks },
  ]
}

function tellConducts(conducts: readonly WitnessConduct[], now: Date): Reading[] {
  return conducts.flatMap(({ url: witness, cosignedAt, silentSince }): Reading[] => [
    ...aged('arc3088_witness_cosigned_age_seconds', now, cosignedAt, { witness }),
    { name: 'arc3088_witness_silent_seconds', value: ageSeconds(now, silentSince), labels: { witness } },
  ])
}

function tellJournal(node: FiguredNode): Reading {
  return { name: 'arc3088_journal_writable', value: node.isJournalWritable() ? 1 : 0 }
}

/** Apart from the above, which must be told above all where the disk is gone. */
async function readJournalDisk({ journalDir }: FiguredNode): Promise<Reading[]> {
  const { bavail, bsize } = await statfs(journalDir)
  return [{ name: 'arc3088_journal_free_bytes', value: bavail * bsize }]
}

function tellStatus(standing: ReturnType<StatusLists['standing']>, now: Date): Reading[] {
  return [
    { name: 'arc3088_status_lists_dirty', value: standing.dirty },
    { name: 'arc3088_status_dirty_oldest_age_seconds', value: ageSeconds(now, standing.unsignedSince) },
    ...aged('arc3088_status_known_age_seconds', now, standing.knownUpTo),
  ]
}

async function readNumbering(node: FiguredNode, now: Date): Promise<Reading[]> {
  const uses = await readRecentRangeUse(node.db, now)
  const ranges = uses
    .filter(({ closed }) => closed !== true)
    .flatMap((use): Reading[] => {
      const { size, left, exhaustedAt } = forecastRange(use, now)
      const labels = { level: use.level, range: use.name }
      if (left === undefined) return []
      return [
        { name: 'arc3088_range_size_numbers', value: size, labels },
        { name: 'arc3088_range_left_numbers', value: left, labels },
        ...(exhaustedAt === null || exhaustedAt === undefined
          ? []
          : [{ name: ENDS, value: Math.floor(exhaustedAt.getTime() / 1000), labels }]),
      ]
    })
  const leases = node.supply.left().map(({ level, businessType = '', left }): Reading => ({
    name: 'arc3088_lease_left_numbers',
    value: left,
    labels: { level, business_type: businessType },
  }))
  return [...ranges, ...leases]
}

const ENDS = 'arc3088_range_exhausted_timestamp_seconds' as const

/** An age of what happened once; left out where it has not. */
function aged(
  name: Reading['name'],
  now: Date,
  at: Date | null | undefined,
  labels: Readonly<Record<string, string>> = {},
): Reading[] {
  return at === null || at === undefined ? [] : [{ name, value: ageSeconds(now, at), labels }]
}
