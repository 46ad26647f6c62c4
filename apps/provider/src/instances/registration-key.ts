import { formatSegment, type IdentityCode } from '@arc3088/codec'
import { readIdempotencyKey, type IdempotencyKey } from '@arc3088/service'

/**
 * What makes two registrations the same one, whichever way they come: alone, alone by the express lane, or as a line of
 * many. Each may be the retry of another.
 */
export function readRegistrationKey(
  header: string | undefined,
  asked: { ontology: Pick<IdentityCode, 'text'>; wish: number | undefined },
): IdempotencyKey {
  const { ontology, wish } = asked
  const serial = wish === undefined ? null : formatSegment(wish)
  return readIdempotencyKey(header, { ontology: ontology.text, serial })
}
