import { parseProviderNumber } from '@arc3088/codec'

import type { Custodian, Destination } from './life-payload.ts'
import type { Seat } from './provider-life.ts'

/** What a decision says of where a provider is from then on, as a step of its life has it. */
export function seatOf({ entity_id: entityId, jwks, log }: Destination): Seat {
  return { entityId, keys: jwks.keys, log: log ?? undefined }
}

/** The code of the custodian that a decision names, if it names one. */
export function custodianNumber(custodian: Custodian | null): number | undefined {
  return custodian === null ? undefined : parseProviderNumber(custodian.provider)
}
