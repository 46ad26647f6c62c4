import type { ProviderNumber } from '@arc3088/codec'
import type { Judgement } from '@arc3088/issuer'

/** What the root's word allows this provider at the moment when a batch is judged. */
export interface Mandate {
  readonly provider: ProviderNumber
  /** Why nothing may be assigned, or undefined while it may be. */
  readonly lapse: string | undefined
}

/**
 * Refuses with `appointment-lapsed`, or undefined while codes may be assigned. Every tier asks it first, and asks
 * it in its judgement: a request that was granted before is answered from the record, whatever the root says now.
 */
export function refuseLapsed({ lapse }: Mandate): Extract<Judgement, { kind: 'refuse' }> | undefined {
  return lapse === undefined ? undefined : { kind: 'refuse', because: 'appointment-lapsed', detail: lapse }
}
