import { formatSegment } from '@arc3088/codec'
import { readIdempotencyKey, type IdempotencyKey } from '@arc3088/service'

import { namedBusinessType } from '../http/named-business-type.ts'

/**
 * What makes two registrations the same one, whichever way they come: alone, alone by the express lane, or as a line of
 * many. Each may be the retry of another. A business type counts only where there is one: keys that were sent before there
 * were any must go on replaying.
 */
export function readRegistrationKey(
  header: string | undefined,
  asked: {
    ontology: { readonly text: string }
    wish: number | undefined
    businessType: string | undefined
  },
): IdempotencyKey {
  const { ontology, wish, businessType } = asked
  const serial = wish === undefined ? null : formatSegment(wish)
  return readIdempotencyKey(header, { ontology: ontology.text, serial, ...namedBusinessType(businessType) })
}
