import type { ReasonCode, Verdict } from '@arc3088/trust'

import type { Draft, Json, Signers } from './scenario.ts'

/** One vector: what is wrong with a sound world, and what must come of it. */
export interface VectorCase {
  name: string
  folder: 'chains' | 'evidence'
  says: string
  verdict: Verdict
  /** The first reason; none for plain `valid`. */
  reason?: ReasonCode
  change?: (draft: Draft, signers: Signers) => void
  /** Changes the signed bundle. */
  cut?: (bundle: { [name: string]: Json }) => void
  /** The instant asked about, where it is past; the draft's live answer is for it. */
  asOf?: number
}
