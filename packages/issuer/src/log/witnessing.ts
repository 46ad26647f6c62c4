import type { Ambient, Log } from '@arc3088/service'
import {
  appendSignature,
  consistencyProof,
  parseVkey,
  tilesForConsistency,
  verifyWitnessed,
  type VerifierKey,
} from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { onePerUrl, type AskWitness, type Witness, type WitnessAddress } from '../witness/ask-witness.ts'
import { countCosigners, hasCosigned } from './cosigners.ts'
import {
  addCosignatures,
  markWitnessed,
  pruneCheckpoints,
  readShownCheckpoints,
  type StoredCheckpoint,
} from './log-checkpoint.store.ts'
import { readLogState } from './log-leader.store.ts'
import { LogContradiction } from './stored-edge.ts'
import type { TileReader } from './tile-reader.ts'
import { answered, failed, UNKNOWN_WITNESS, type WitnessStanding } from './witness-standing.ts'

/** A conflict names the size to begin at; a witness that names one after the other is asked no further. */
const ATTEMPTS_MAX = 3
const REFUSED_AS_FORKED: ReadonlySet<number> = new Set([409, 422])
/** Superseded checkpoints that stay readable, for those who just fetched one. */
const CHECKPOINTS_MAX = 1000

export interface WitnessingParts {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly log: Log
  readonly tiles: TileReader
  readonly origin: string
  /** Every key that the checkpoint may be signed with: what was signed before a key changed is still cosigned. */
  readonly logKeys: () => readonly VerifierKey[]
  readonly witnesses: () => Promise<readonly WitnessAddress[]>
  readonly quorum: () => number
  readonly askWitness: AskWitness
}

/** Gets checkpoints cosigned; one for each term. */
export interface Witnessing {
  /**
   * Asks the witnesses for the newest published checkpoint, and stores it with their cosignatures when it reached its
   * quorum; one that was witnessed gains what it lacks where others witness now, or more of them. Resolves as soon as it has, or when all that were asked have answered: who is slow is not waited for, and not
   * asked twice. Throws LogContradiction where a witness has seen what this tree is not.
   */
  round(signal: AbortSignal): Promise<'witnessed' | 'pending' | 'nothing-to-ask'>
}

export function createWitnessing(parts: WitnessingParts): Witnessing {
  const { db, ambient, log, tiles, origin, logKeys, askWitness } = parts
  const standings = new Map<string, WitnessStanding>()
  // Of a witness that answered after its round was over; the next round begins with it.
  let contradiction: LogContradiction | undefined
  const standingOf = (witness: Witness): WitnessStanding => standings.get(witness.url) ?? UNKNOWN_WITNESS
  const remember = (witness: Witness, standing: WitnessStanding): void => {
    standings.set(witness.url, standing)
  }

  /** Its signature line, or undefined where it gave none. */
  async function ask(witness: Witness, target: StoredCheckpoint, guess: number): Promise<string | undefined> {
    const { confirmed } = standingOf(witness)
    let oldSize = confirmed ?? guess
    let wasTold = confirmed !== undefined
    for (let attempt = 0; attempt < ATTEMPTS_MAX && oldSize <= target.size; attempt += 1) {
      const readTile = await tiles.load(tilesForConsistency(oldSize, target.size))
      const proof = consistencyProof(oldSize, target.size, readTile)
      const answer = await askWitness(witness, { oldSize, proof, checkpoint: target.note })
      switch (answer.kind) {
        case 'cosigned':
          remember(witness, answered(standingOf(witness), target.size))
          return answer.line
        case 'conflict':
          if (answer.size === oldSize) throw contradicted(witness, oldSize)
          if (answer.size > target.size) await demandSize(witness, answer.size)
          oldSize = answer.size
          wasTold = true
          remember(witness, { ...standingOf(witness), confirmed: oldSize })
          break
        case 'refused':
          // From the size that the witness itself named, no proof leads to our root (422), or the root of that very size
          // is another (409, which then needs to name none).
          if (REFUSED_AS_FORKED.has(answer.status) && wasTold) throw contradicted(witness, oldSize)
          return giveUp(witness, `${answer.status} ${answer.detail}`)
        case 'unreachable':
          return giveUp(witness, answer.detail)
      }
    }
    // It has seen more than this checkpoint: the next round asks for a newer one.
    remember(witness, answered(standingOf(witness), oldSize))
    return undefined
  }

  function giveUp(witness: Witness, detail: string): undefined {
    const standing = failed(standingOf(witness), ambient.now())
    remember(witness, { ...standing, confirmed: undefined })
    log.warn({ 'witness.url': witness.url, 'witness.failures': standing.failures, detail }, 'no cosignature')
  }

  /** More than this checkpoint has may have been appended since; more than the tree has, never. */
  async function demandSize(witness: Witness, size: number): Promise<void> {
    const state = await readLogState(db)
    if (state !== undefined && size <= state.size) return
    throw new LogContradiction(
      `the witness ${witness.url} has seen ${size} entries of this log, which has ${state?.size ?? 0}: it was rolled back`,
    )
  }

  async function store(
    target: StoredCheckpoint,
    lines: readonly string[],
    keys: VerifierKey[],
  ): Promise<boolean> {
    const note = appendSignature(target.note, lines.join(''))
    const policy = { witnesses: keys, quorum: parts.quorum() }
    const verdict = await verifyWitnessed({ noteText: note, origin, logKeys: logKeys(), policy })
    if (verdict.kind === 'rejected') {
      if (verdict.reason !== 'quorum-missing')
        log.warn({ detail: verdict.detail }, 'cosignatures do not count')
      return false
    }
    if (verdict.witnessedAt === undefined) return false
    ambient.reached('publish:cosigned')
    const { size } = target
    if (target.witnessedAt === null)
      await markWitnessed(db, { size, note, witnessedAt: new Date(verdict.witnessedAt * 1000) })
    else await addCosignatures(db, { size, note, earlier: target.note })
    await pruneCheckpoints(db, CHECKPOINTS_MAX)
    return true
  }

  return {
    async round(signal) {
      if (contradiction !== undefined) throw contradiction
      const quorum = parts.quorum()
      const { published: target, witnessed } = await readShownCheckpoints(db)
      if (target === undefined) return 'nothing-to-ask'
      if (quorum < 1) {
        await pruneCheckpoints(db, CHECKPOINTS_MAX)
        return 'nothing-to-ask'
      }
      const addresses = await parts.witnesses()
      const missing = quorum - (target.witnessedAt === null ? 0 : countCosigners(target.note, addresses))
      if (missing < 1) return 'nothing-to-ask'
      const keys = addresses.flatMap(({ vkey }) => parseVkey(vkey) ?? [])
      const now = ambient.now().getTime()
      const asked = onePerUrl(addresses).filter((witness) => {
        const { isAsked, askAgainAt } = standingOf(witness)
        return !isAsked && askAgainAt <= now && !hasCosigned(target.note, witness)
      })
      const lines: string[] = []
      const answers = asked.map(async (witness) => {
        remember(witness, { ...standingOf(witness), isAsked: true })
        try {
          const line = await ask(witness, target, witnessed?.size ?? 0)
          if (line !== undefined) lines.push(line)
        } catch (error) {
          if (error instanceof LogContradiction) contradiction = error
          throw error
        } finally {
          remember(witness, { ...standingOf(witness), isAsked: false })
        }
      })
      await untilEnough(answers, () => lines.length >= missing, signal)
      if (signal.aborted || lines.length < missing) return 'pending'
      return (await store(target, [...lines], keys)) ? 'witnessed' : 'pending'
    },
  }
}

function contradicted(witness: Witness, size: number): LogContradiction {
  return new LogContradiction(
    `the witness ${witness.url} has seen another tree of ${size} entries: this log has forked`,
  )
}

/** Resolves when enough is reached, all have settled, or the signal is aborted; rejects with the first that does before. */
async function untilEnough(
  answers: readonly Promise<void>[],
  isEnough: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stop = (): void => resolve()
  const look = async (answer: Promise<void>): Promise<void> => {
    try {
      await answer
      if (isEnough()) resolve()
    } catch (error) {
      reject(error)
    }
  }
  signal.addEventListener('abort', stop)
  void Promise.all(answers.map(look)).then(stop)
  try {
    await promise
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
