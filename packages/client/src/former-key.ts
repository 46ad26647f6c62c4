import type { AssignmentRecord, PublicJwk } from '@arc3088/records'
import { verifyAssignmentRecord, verifyKeyHistory } from '@arc3088/records'

/**
 * The claims of a record signed by a key that the history of its issuer lists, for finding the way on. Whether the record
 * counts under that key is the verifier's business: it takes a log proof from within the key's life.
 */
export async function verifyUnderFormerKey(
  jws: string,
  history: string,
  federationKeys: readonly PublicJwk[],
): Promise<AssignmentRecord | undefined> {
  const verified = await verifyKeyHistory(history, federationKeys)
  if (verified.kind === 'rejected') return undefined
  const keys = verified.claims.keys.filter(({ purpose }) => purpose === 'issuing')
  const record = await verifyAssignmentRecord(jws, keys)
  return record.kind === 'verified' ? record.claims : undefined
}
