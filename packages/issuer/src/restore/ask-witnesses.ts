import { setTimeout as delay } from 'node:timers/promises'

import type { Hash } from '@arc3088/tlog'

import { onePerUrl, type AskWitness, type Witness, type WitnessAddress } from '../witness/ask-witness.ts'
import type { WitnessWord } from './restore-verdict.ts'

/** The newest checkpoint that this node has shown. */
export interface ShownCheckpoint {
  readonly size: number
  readonly note: string
}

const CONFLICT = 409
const UNPROCESSABLE = 422

/**
 * Asks witnesses what they have seen of our log, by sending them the newest checkpoint that was shown as if they had
 * it (C2SP tlog-witness): whoever has a larger one says so. Whoever has a smaller one is shown that ours extends it.
 */
export async function askWitnesses(parts: {
  witnesses: readonly WitnessAddress[]
  askWitness: AskWitness
  shown: ShownCheckpoint
  /** From an earlier size to that of the checkpoint. */
  proofFrom: (size: number) => Promise<readonly Hash[]>
  /** The size that is shown now: another process may go on while we ask. */
  shownNow: () => Promise<number>
  /** Whoever takes longer has said nothing; without it, as long as the witness is let. */
  secondsMax?: number | undefined
}): Promise<WitnessWord[]> {
  const { witnesses, askWitness, shown, proofFrom, shownNow, secondsMax } = parts
  const { size, note: checkpoint } = shown

  async function ask(witness: Witness, oldSize: number): Promise<WitnessWord> {
    const { url } = witness
    const proof = oldSize === size ? [] : await proofFrom(oldSize)
    const answer = await askWitness(witness, { oldSize, proof, checkpoint })
    switch (answer.kind) {
      case 'cosigned':
        return { kind: 'agrees', url }
      case 'conflict':
        if (answer.size === size && oldSize === size) return { kind: 'forked', url, size }
        if (answer.size > size) {
          // Whoever goes on with this log in another process is no witness against it.
          const isOurs = answer.size <= (await shownNow())
          return isOurs ? { kind: 'agrees', url } : { kind: 'ahead', url, size: answer.size }
        }
        if (oldSize === size) return await ask(witness, answer.size)
        return { kind: 'silent', url, detail: `it went from ${oldSize} to ${answer.size} while it was asked` }
      case 'refused':
        return answer.status === CONFLICT || answer.status === UNPROCESSABLE
          ? { kind: 'forked', url, size: oldSize }
          : { kind: 'silent', url, detail: `${answer.status} ${answer.detail}` }
      case 'unreachable':
        return { kind: 'silent', url, detail: answer.detail }
    }
  }

  async function askInTime(witness: Witness): Promise<WitnessWord> {
    if (secondsMax === undefined) return await ask(witness, size)
    const answered = new AbortController()
    const { signal } = answered
    const tooLate = delay(secondsMax * 1000, `no answer in ${secondsMax} seconds`, { signal }).then(
      (detail): WitnessWord => ({ kind: 'silent', url: witness.url, detail }),
    )
    try {
      return await Promise.race([ask(witness, size), tooLate])
    } finally {
      answered.abort()
    }
  }

  return await Promise.all(onePerUrl(witnesses).map(askInTime))
}
