import { Refusal } from '../failure.ts'
import type { LedgerEntry } from './nonce-ledger.ts'

/**
 * Holds a request against what this key has signed before: no nonce twice, no second root, no older set, no second set
 * of one number unless the first was given up by name, and none that follows on another set than the one signed here.
 *
 * @throws Refusal
 */
export function judgeAgainstLedger(
  asked: LedgerEntry,
  prev: string | null,
  answered: readonly LedgerEntry[],
  insteadOf: readonly string[],
): void {
  const refuse = (code: string, detail: string): never => {
    throw new Refusal(code, `${detail}; nothing was signed`)
  }
  const standing = answered.filter(({ nonce }) => !insteadOf.includes(nonce))
  if (answered.some(({ nonce }) => nonce === asked.nonce))
    refuse('nonce-used', `${asked.nonce} was answered before; a nonce never repeats`)
  const stranger = answered.find(({ iss }) => iss !== asked.iss)
  if (stranger !== undefined) refuse('root-other', `this key signs for ${stranger.iss}`)
  const later = standing.find(({ seq }) => seq > asked.seq)
  if (later !== undefined) refuse('set-older', `this key has signed key set ${later.seq} already`)
  const rival = standing.find(({ seq, set }) => seq === asked.seq && set !== asked.set)
  if (rival !== undefined)
    refuse(
      'set-other',
      `this key has signed another key set ${rival.seq} (nonce ${rival.nonce}); where that one was given up, name it with --instead-of`,
    )
  const before = standing.filter(({ seq }) => seq === asked.seq - 1)
  if (before.length > 0 && !before.some(({ set }) => set === prev))
    refuse('succession-broken', `the key set ${asked.seq - 1} that this key signed is another one`)
}
