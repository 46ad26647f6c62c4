import { RegistryError } from '@arc3088/problems'

/** How a statement is kept, and renewed before anybody has to wait for it. */
export interface ReuseOptions {
  /** How long after it was signed a statement may still be given out where no new one can be had; default: no longer. */
  readonly usableSeconds?: number
  /** A number from 0 to below 1: how much earlier this statement is renewed than the latest moment for it. */
  readonly jitter?: () => number
  /** Told of a renewal that failed behind the scenes. */
  readonly onFault?: (error: unknown) => void
}

/** The last part of the time of reuse, in which a new statement is signed while the old one is given out. */
const RENEWAL_SHARE = 0.3
/** Nobody waits longer for a renewal while there is a statement that still holds. */
const PATIENCE_MILLISECONDS = 2000
/** After a failure, and while a renewal that does not come back is under way, the signer is left alone for so long. */
const RETRY_MILLISECONDS = 1000
const RENEWAL_MILLISECONDS_MAX = 30_000
/** Where there is nothing to give out: longer than any signer takes that works. */
const FIRST_MILLISECONDS_MAX = 15_000

interface Kept<Statement> {
  readonly statement: Statement
  readonly signedAt: number
  readonly renewFrom: number
}

interface Renewal<Statement> {
  readonly promise: Promise<Statement>
  readonly startedAt: number
}

/**
 * Signs a statement when asked, and again only after a while: a thousand verifiers that ask at once get one
 * signature. Before the while is over the next one is signed in the background, a little earlier or later by chance, so
 * that statements made together are not renewed together. Where the signer is slow or fails, the statement at hand is
 * given out for as long as it is usable; a failure is never kept.
 */
export function reuseStatement<Statement>(
  now: () => Date,
  reuseSeconds: number,
  sign: () => Promise<Statement>,
  options: ReuseOptions = {},
): () => Promise<Statement> {
  const { usableSeconds = reuseSeconds, jitter = () => 0.5, onFault = () => undefined } = options
  const reuse = reuseSeconds * 1000
  const usable = usableSeconds * 1000
  let kept: Kept<Statement> | undefined
  let renewal: Renewal<Statement> | undefined
  let retryAt = Number.NEGATIVE_INFINITY

  function renew(at: number): Promise<Statement> {
    if (renewal !== undefined && at - renewal.startedAt < RENEWAL_MILLISECONDS_MAX) return renewal.promise
    const promise = sign()
    const mine = { promise, startedAt: at }
    renewal = mine
    void settle(mine)
    return promise
  }

  async function settle(mine: Renewal<Statement>): Promise<void> {
    const { promise, startedAt: signedAt } = mine
    try {
      const statement = await promise
      // What was signed is from when it was asked for: whatever changed since is not in it.
      const renewFrom = signedAt + reuse * (1 - RENEWAL_SHARE * jitter())
      if (kept === undefined || kept.signedAt <= signedAt) kept = { statement, signedAt, renewFrom }
    } catch (error) {
      retryAt = now().getTime() + RETRY_MILLISECONDS
      if (kept !== undefined) onFault(error)
    }
    if (renewal === mine) renewal = undefined
  }

  /** A renewal that nobody waits for any more, and that is not yet given up. */
  function isHanging(at: number): boolean {
    const waited = renewal === undefined ? 0 : at - renewal.startedAt
    return waited >= PATIENCE_MILLISECONDS && waited < RENEWAL_MILLISECONDS_MAX
  }

  return async () => {
    const at = now().getTime()
    const age = kept === undefined ? Number.POSITIVE_INFINITY : at - kept.signedAt
    if (kept === undefined || age >= Math.max(usable, reuse))
      return await within(renew(at), FIRST_MILLISECONDS_MAX, tooSlow)
    const { statement, renewFrom } = kept
    if (at < renewFrom || at < retryAt || isHanging(at)) return statement
    const next = renew(at)
    // Whoever asks early enough is answered at once; a failure is told by `onFault`.
    if (age < reuse) return statement
    return await within(next, PATIENCE_MILLISECONDS, () => statement).catch(() => statement)
  }
}

function tooSlow(): never {
  throw new RegistryError('service-unavailable', 'The statement could not be signed in time', {
    extra: { retry_after_seconds: 1 },
  })
}

/** What the promise brings, or what there is instead when it takes too long. */
async function within<T>(promise: Promise<T>, milliseconds: number, instead: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(instead())
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }, milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
