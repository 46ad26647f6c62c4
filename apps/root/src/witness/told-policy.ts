import { countCosigners, type LogHead, type WitnessAddress } from '@arc3088/issuer'
import type { Ambient } from '@arc3088/service'

/** Whose cosignatures count on a checkpoint, and how many of them it takes. */
export interface WitnessPolicy {
  /** Every key of each, the first key of all before any second. */
  readonly witnesses: readonly WitnessAddress[]
  readonly quorum: number
}

/** What verifiers are told: the policy that is wished for, once the log can keep it. */
export interface ToldPolicy {
  now(wished: WitnessPolicy, head: Pick<LogHead, 'size' | 'witnessed'>): WitnessPolicy
}

/**
 * Other processes of this node see a checkpoint that was cosigned so much later at most, and caches hold one for a
 * second (W8): only then is more demanded.
 */
const SETTLE_MS = 1500
/**
 * A witness that does not cosign by then is demanded all the same: whoever keeps witnesses from answering gains a minute,
 * which is as long as a record may wait for its proof (W8).
 */
export const GRACE_MS = 60_000
/** As many as the metadata of a log can name. */
const WITNESSES_MAX = 16

interface Turning {
  readonly to: WitnessPolicy
  /** When what is told first fell behind what is wished. */
  readonly since: number
  /** Entries that verifiers may have seen proved without. */
  readonly size: number
  coveredAt: number | undefined
}

/**
 * Tells of witnesses and quorum so that no verifier that follows what it is told ever finds too few cosignatures. As long
 * as the newest witnessed checkpoint is not cosigned as is wished, or covers less than was there when that was first
 * wished, the former witnesses count beside the new ones, and no more are needed than before. Less is told at once. A
 * process that starts goes by the cosignatures that are stored, and never below one where the log ever had any.
 */
export function createToldPolicy({ now }: Pick<Ambient, 'now'>): ToldPolicy {
  let told: WitnessPolicy | undefined
  let turning: Turning | undefined

  return {
    now(wished, head) {
      told ??= firstPolicy(wished, head.witnessed)
      const at = now().getTime()
      if (wished.quorum === 0 || isSame(wished, told)) {
        turning = undefined
        return (told = wished)
      }
      if (turning === undefined || !isSame(wished, turning.to))
        turning = { to: wished, since: turning?.since ?? at, size: head.size, coveredAt: undefined }
      if (turning.coveredAt === undefined && isCosigned(wished, head.witnessed, turning.size))
        turning.coveredAt = at
      const isSettled = turning.coveredAt !== undefined && at - turning.coveredAt >= SETTLE_MS
      if (!isSettled && at - turning.since < GRACE_MS) return bothOf(wished, told)
      turning = undefined
      return (told = wished)
    },
  }
}

function isSame(one: WitnessPolicy, other: WitnessPolicy): boolean {
  if (one.quorum !== other.quorum) return false
  return one.witnesses === other.witnesses || JSON.stringify(one) === JSON.stringify(other)
}

type Cosigned = LogHead['witnessed']

function firstPolicy(wished: WitnessPolicy, cosigned: Cosigned): WitnessPolicy {
  if (isCosigned(wished, cosigned, 0)) return wished
  const found = cosigned === undefined ? 0 : countCosigners(cosigned.note, wished.witnesses)
  // It was witnessed, by others than now: verifiers were told so, and must not be told by a restart that none is needed.
  if (found === 0 && cosigned !== undefined) return wished
  return { witnesses: wished.witnesses, quorum: found }
}

function isCosigned({ witnesses, quorum }: WitnessPolicy, cosigned: Cosigned, size: number): boolean {
  return cosigned !== undefined && cosigned.size >= size && countCosigners(cosigned.note, witnesses) >= quorum
}

function bothOf(wished: WitnessPolicy, told: WitnessPolicy): WitnessPolicy {
  const known = new Set(wished.witnesses.map(({ vkey }) => vkey))
  const former = told.witnesses.filter(({ vkey }) => !known.has(vkey))
  return {
    witnesses: [...wished.witnesses, ...former].slice(0, WITNESSES_MAX),
    quorum: Math.min(wished.quorum, told.quorum),
  }
}
