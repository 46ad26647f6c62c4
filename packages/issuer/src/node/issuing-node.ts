import type { RootPrefix } from '@arc3088/codec'

import type { Issuing } from '../assignment/issuing.ts'
import { issuerTables } from '../assignment/assignment.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import { createFeed, type Feed } from '../feed/feed.ts'
import { nodeFigures } from '../figures/node-figures.ts'
import { watchWitnesses } from '../figures/witness-watch.ts'
import type { IssueMark } from '../journal/journal.ts'
import type { WriteGate } from '../journal/write-gate.ts'
import { createKeyHistory } from '../keys/key-history.ts'
import { adoptEarlierActs } from '../log/adopt-earlier-acts.ts'
import type { LogHead } from '../log/log-head.ts'
import { createLogNamer } from '../log/log-name.ts'
import { createNodeLog, type NodeLog } from '../log/node-log.ts'
import type { ServedTerm } from '../log/ended-terms.ts'
import { ensureNumberingPlan } from '../numbering/ensure-numbering-plan.ts'
import type { NumberingPlan } from '../numbering/numbering-plan.ts'
import { readVersionedPlan } from '../numbering/numbering.store.ts'
import { createSupply, type Supply } from '../numbering/supply.ts'
import { watchPlan, type PlanWatch } from '../numbering/watch-plan.ts'
import { findLoss } from '../restore/loss.store.ts'
import type { CodeAuthority } from '../resolution/answer-code.ts'
import { openWriteGate } from '../restore/open-write-gate.ts'
import type { JudgeEntries } from '../status/kept-list.ts'
import { keepPublishing } from '../status/publish-loop.ts'
import { createStatusLists } from '../status/status-lists.ts'
import type { StatusDoor } from '../status/status.route.ts'
import type { AskWitness, WitnessAddress } from '../witness/ask-witness.ts'
import type { WitnessDoor } from '../witness/add-checkpoint.ts'
import { createCosigner, logOrigin } from '../witness/log-identity.ts'
import type { NodeBase } from './node-base.ts'

/** What makes a node an issuing one. */
export interface IssuingNodeOptions {
  /** Used where the database has no plan yet. */
  readonly defaultPlan: NumberingPlan
  /** How long readers may keep this node's status tokens (wire-format W7). */
  readonly statusTtlSeconds: number
  /** A folder off the database, which no backup of it puts back. */
  readonly journalDir: string
  /** Changes that the feed goes back for. */
  readonly feedRetentionChanges: number
  /** Who watches over the log, and how many of them a checkpoint needs. */
  readonly witnesses: () => Promise<readonly WitnessAddress[]>
  readonly quorum: () => number
  /** What verifiers are told that it needs, where that waits for the witnesses; `quorum` where left out. */
  readonly demanded?: (head: LogHead) => number
  readonly askWitness: AskWitness
  /** Who served this database before, as the root says (W2); nobody, where left out. */
  readonly predecessors?: () => readonly ServedTerm[]
  /** Which entries of its status lists this node may sign, where not all that stand in the database. */
  readonly judgeEntries?: JudgeEntries | undefined
}

/** The parts that root and provider have in common, opened and at work. */
export interface IssuingNode<Tables extends IssuerTables> extends NodeBase<Tables> {
  /** Asked before every write of the node. */
  readonly gate: WriteGate
  /** Numbers of documents that were shown, kept off the database: no backup of it brings a lower one back. */
  readonly issues: {
    highest(name: string): IssueMark | undefined
    note(mark: IssueMark): Promise<void>
  }
  readonly plan: PlanWatch
  readonly supply: Supply
  readonly statusDoor: StatusDoor
  readonly tlog: NodeLog
  readonly feed: Feed
  /** What records are issued with, once the prefix is known. */
  issuing(prefix: RootPrefix): Issuing
  /** What this node answers for codes with. Asked anew for each answer, since the issuing key changes. */
  authority(prefix: RootPrefix, answersFor: CodeAuthority['answersFor']): CodeAuthority
  /** What this node cosigns others' checkpoints with; `logOf` says whose. */
  witnessDoor(logOf: WitnessDoor['logOf']): WitnessDoor
  /** Ends what would keep a listener from stopping: waiting and streaming readers of the feed. */
  quiesce(): Promise<void>
}

/**
 * Makes the restore check before anything of the node writes, then starts what works beside requests: the log, its
 * feed, the status lists. A node whose check does not agree starts all the same, and only reads.
 */
export async function openIssuingNode<Tables extends IssuerTables>(
  base: NodeBase<Tables>,
  options: IssuingNodeOptions,
): Promise<IssuingNode<Tables>> {
  const { entityId, foundedAs, ambient, log, keys, metrics, leaseDb, leaderDb } = base
  const { witnesses, quorum, askWitness, statusTtlSeconds: ttlSeconds } = options
  const db = issuerTables(base.db)
  const statusListUri = (list: number): string => `${foundedAs}/status/${list}`

  const guarded = await openWriteGate({
    directory: options.journalDir,
    entityId: foundedAs,
    db,
    ambient,
    log,
    metrics,
    witnesses,
    askWitness,
  })
  const { gate, journal } = guarded
  const logNames = createLogNamer()
  if (gate.mode() === 'read-write') {
    await ensureNumberingPlan(db, ambient, options.defaultPlan)
    await adoptEarlierActs({ db, ambient, logNames })
  }

  const supply = createSupply(leaseDb, ambient, { journal, gate })
  const plan = watchPlan({
    db,
    first: await readVersionedPlan(db),
    changed: () => supply.planChanged(),
    onError: (error) => log.warn({ err: error }, 'the numbering plan could not be read'),
  })
  const statusLists = createStatusLists({
    db,
    ambient,
    signer: () => keys.active('status'),
    entityId,
    ttlSeconds,
    statusListUri,
    judgeEntries: options.judgeEntries,
  })
  const publishing = keepPublishing(statusLists, log)
  const watched = watchWitnesses(askWitness, () => ambient.now())
  const tlog = createNodeLog({
    db,
    leaderDb,
    ambient,
    log,
    origin: logOrigin(foundedAs),
    ...(options.predecessors === undefined ? {} : { predecessors: options.predecessors }),
    signer: () => keys.active('tlog'),
    publishedKeys: () => keys.published('tlog'),
    journal,
    gate,
    witnesses,
    quorum,
    ...(options.demanded === undefined ? {} : { demanded: options.demanded }),
    askWitness: watched.ask,
    onAppended: () => feed.moved(),
    onContradiction(detail) {
      log.error(
        { 'tlog.detail': detail },
        'the log contradicts what was shown of it: this node only reads now',
      )
      gate.shut(detail)
    },
  })
  const feed = createFeed({
    db,
    log: tlog,
    ambient,
    logger: log,
    gate,
    signer: () => keys.active('issuing'),
    entityId,
    retentionChanges: options.feedRetentionChanges,
  })
  const keyHistory = createKeyHistory(() => ({ db, ambient, entityId, keys }))
  tlog.start()
  await feed.start()
  const figured = { db, ambient, journalDir: options.journalDir, quorum, feed, statusLists, supply }
  for (const source of nodeFigures({
    ...figured,
    isJournalWritable: guarded.isJournalWritable,
    conducts: watched.conducts,
  }))
    metrics.watch(source)

  return {
    ...base,
    gate,
    issues: {
      highest: (name) => journal.marks.issues.get(name),
      note: (mark) => journal.issue(mark),
    },
    plan,
    supply,
    statusDoor: { signStatusList: statusLists.sign, ttlSeconds, listUris: statusLists.uris },
    tlog,
    feed,
    readiness: [...base.readiness, guarded.readiness],
    issuing: (prefix) => ({
      ambient,
      entityId,
      prefix,
      plan: plan.plan,
      logNames,
      demandWritable: () => gate.demandWritable(),
      journalChosen: (codes) => journal.chosen(codes),
      signer: () => keys.active('issuing'),
      statusListUri,
    }),
    authority: (prefix, answersFor) => ({
      db,
      entityId,
      prefix,
      signer: keys.active('issuing'),
      log: tlog,
      answersFor,
      keyHistory,
      isLost: async (key) => (await findLoss(db, key)) !== undefined,
    }),
    witnessDoor: (logOf) => ({
      db,
      ambient,
      log,
      gate,
      cosigner: createCosigner(foundedAs, keys.active('tlog')),
      logOf,
    }),
    quiesce: () => feed.close(),
    async close() {
      plan.stop()
      await feed.close()
      await publishing.stop()
      await tlog.stop()
      await journal.close()
      await base.close()
    },
  }
}
