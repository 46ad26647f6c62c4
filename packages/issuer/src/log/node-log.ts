import type { PublicJwk, Signer } from '@arc3088/records'
import { tilePath, tileWidthAt, type TileAddress } from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { WriteGate } from '../journal/write-gate.ts'
import { cutTile } from './cut-tile.ts'
import { createEndedKeys, type EndedKeys } from './ended-keys.ts'
import { createEndedTerms, type EndedTerms, type ServedTerm } from './ended-terms.ts'
import { joinProofs } from './join-proofs.ts'
import type { LeadingParts } from './lead-log.ts'
import { createLogLoop } from './log-loop.ts'
import { markKept, readShownCheckpoint } from './log-checkpoint.store.ts'
import { readEntries } from './log-entries.ts'
import { createHeadMemory, type LogHead } from './log-head.ts'
import { createLogProofs, type ProvenCheckpoint } from './log-proof.ts'
import { checkpointVerifier, followCheckpointSigner } from './checkpoint-signer.ts'
import type { ProofOptions } from './proof-options.ts'
import { createTileReader } from './tile-reader.ts'

/** A checkpoint that is never pruned. */
export interface KeptCheckpoint extends ProvenCheckpoint {
  /** Undefined where the log has no quorum to reach. */
  readonly witnessedAt: Date | undefined
}

/** The transparency log of this node (W8): one per node, however many processes it has. */
export interface NodeLog extends EndedKeys, EndedTerms {
  readonly origin: string
  /** The key that signs now, as verifiers are given it (signed-note). */
  readonly vkey: string
  /** Cosignatures that verifiers ask of this log now. */
  demanded(): Promise<number>
  /** The newest checkpoint that is journaled, and the newest that reached its quorum; at most 250 ms old. */
  head(): Promise<LogHead>
  /**
   * The tlog-proof (C2SP) of the record's entry against the newest witnessed checkpoint where verifiers demand a quorum,
   * else the newest; undefined while none covers it.
   */
  proofOf(hash: Uint8Array, options?: ProofOptions): Promise<string | undefined>
  /** As `proofOf`, for many by one query, in the order asked. */
  proofsOf(hashes: readonly Uint8Array[], options?: ProofOptions): Promise<(string | undefined)[]>
  /** The entries at the leaf indexes [from, to), as far as the log is published. */
  entries(from: number, to: number): Promise<string[]>
  /** A tile or bundle of the published log, exactly as wide as asked for. */
  tile(address: TileAddress): Promise<Uint8Array | undefined>
  /** Keeps the checkpoint that proofs are made against now, for ever; undefined while there is none. */
  keepCheckpoint(): Promise<KeptCheckpoint | undefined>
  /** Leads, or waits to; until `stop`. */
  start(): void
  stop(): Promise<void>
  /** Resolves when all that waits now is appended and published, by whichever process leads. */
  drainNow(): Promise<void>
}

/** What a log is built of. */
export interface NodeLogParts extends Omit<
  LeadingParts,
  'signer' | 'logKeys' | 'tiles' | 'head' | 'mayWrite' | 'onHead'
> {
  /** A pool of one connection that nobody else uses: its session is the leader's. */
  readonly leaderDb: Kysely<IssuerTables>
  /** The active key of purpose `tlog`; Ed25519. */
  readonly signer: () => Signer
  /** The keys that verifiers may meet, also those that sign no more; the active one alone where left out. */
  readonly publishedKeys?: () => readonly PublicJwk[]
  /** Who served this log before, as the root says; nobody, where left out. */
  readonly predecessors?: () => readonly ServedTerm[]
  /**
   * What verifiers are told that a checkpoint needs, where that is less than `quorum` until the witnesses have caught up;
   * `quorum` where left out.
   */
  readonly demanded?: (head: LogHead) => number
  /** Nothing is appended, published or cosigned while it is read-only. */
  readonly gate?: Pick<WriteGate, 'mode'>
  /** Hears of every head that has more entries than the last, in every process. */
  readonly onAppended?: (head: LogHead) => void
  /** Hears, once, that what is stored or vouched for is not one tree; this process appends nothing from then on. */
  readonly onContradiction?: (detail: string) => void
}

/** Builds the log of one process; it does nothing before `start` or `drainNow`. */
export function createNodeLog(parts: NodeLogParts): NodeLog {
  const { db, ambient, origin, quorum } = parts
  const demandedOf = parts.demanded ?? quorum
  const signer = followCheckpointSigner(origin, parts.signer)
  const logKeys = () => [
    signer().verifierKey,
    ...(parts.publishedKeys?.() ?? []).map((jwk) => checkpointVerifier(origin, jwk)),
  ]
  const tiles = createTileReader(db)
  const proofs = createLogProofs(db, tiles)
  const memory = createHeadMemory({ db, ambient, origin, signer })
  const loop = createLogLoop({ ...parts, signer, logKeys, tiles, head: memory })

  async function newestProven(): Promise<KeptCheckpoint | undefined> {
    const head = await memory.read()
    return quorum() > 0 ? head.witnessed : newestOf(head)
  }

  /** The checkpoints that proofs are made against, the best first. */
  async function checkpointsFor(against: number | undefined): Promise<(ProvenCheckpoint | undefined)[]> {
    const head = await memory.read()
    const demanded = demandedOf(head)
    if (against !== undefined) {
      const checkpoint = await readShownCheckpoint(db, against)
      return [demanded > 0 && checkpoint?.witnessedAt === null ? undefined : checkpoint]
    }
    if (demanded > 0) return [head.witnessed]
    // Another process may tell of the quorum a moment before this one does: what can have its cosignatures has them.
    return quorum() > 0 ? [head.witnessed, newestOf(head)] : [newestOf(head)]
  }

  const ended = createEndedKeys({ db, ambient })
  const terms = createEndedTerms({ db, ambient, predecessors: parts.predecessors ?? (() => []) })

  async function proofsOf(
    hashes: readonly Uint8Array[],
    { type = 'assign', against }: ProofOptions = {},
  ): Promise<(string | undefined)[]> {
    let proven: readonly (string | undefined)[] = hashes.map(() => undefined)
    for (const checkpoint of await checkpointsFor(against)) {
      const unproven = hashes.filter((_, nth) => proven[nth] === undefined)
      if (checkpoint === undefined || unproven.length === 0) continue
      const found = (await proofs.prove(unproven, type, checkpoint)).values()
      proven = proven.map((proof) => proof ?? found.next().value)
    }
    return [...proven]
  }

  return {
    origin,
    get vkey() {
      return signer().vkey
    },
    demanded: async () => demandedOf(await memory.read()),
    head: () => memory.read(),
    proofOf: joinProofs(proofsOf),
    proofsOf,
    checkpointOf: ended.checkpointOf,
    checkpointOfTerm: terms.checkpointOfTerm,
    async entries(from, to) {
      const { size } = await memory.read()
      return await readEntries(tiles, from, Math.min(to, size))
    },
    async tile(address) {
      const has = ({ size }: LogHead): boolean =>
        tileWidthAt(address.level, address.index, size) >= address.width
      // Whoever asks may have the checkpoint from another process, which is a moment ahead of this one.
      if (!has(await memory.read()) && !has(await memory.refresh())) return undefined
      const data = (await tiles.read([address])).get(tilePath(address))
      return data === undefined ? undefined : cutTile(address, data)
    },
    async keepCheckpoint() {
      await memory.refresh()
      const proven = await newestProven()
      if (proven === undefined) return undefined
      if (await markKept(db, proven.size)) return proven
      throw new Error(`the checkpoint of ${proven.size} was pruned while it was the newest`)
    },
    start: loop.start,
    stop: loop.stop,
    drainNow: loop.drainNow,
  }
}

/** Of an empty log nothing is proved. */
function newestOf({ size, note }: LogHead): KeptCheckpoint | undefined {
  return size === 0 ? undefined : { size, note, witnessedAt: undefined }
}
