import type { ProviderNumber } from '@arc3088/codec'
import type { Judgement } from '@arc3088/issuer'

/** What the root's word allows this provider at the moment when a batch is judged. */
export interface Mandate {
  readonly provider: ProviderNumber
  /** Why nothing may be assigned, or undefined while it may be. */
  readonly lapse: string | undefined
  /** What the root said, where that is the reason; otherwise its word has merely run out. */
  readonly ended?: 'provider-suspended' | 'provider-retired' | undefined
}

/**
 * Refuses with `appointment-lapsed`, `provider-suspended` or `provider-retired`, or undefined while codes may be assigned. Every tier asks it first, and asks
 * it in its judgement: a request that was granted before is answered from the record, whatever the root says now.
 */
export function refuseLapsed({ lapse, ended }: Mandate): Extract<Judgement, { kind: 'refuse' }> | undefined {
  return lapse === undefined
    ? undefined
    : { kind: 'refuse', because: ended ?? 'appointment-lapsed', detail: lapse }
}
