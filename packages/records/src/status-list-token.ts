import { z } from 'zod'

import { EntityId, NumericDate, WebUri } from './claims.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { StatusValue } from './status-list.ts'
import { STATUS_BITS, entryAt, statusName, unpackStatusList } from './status-list.ts'
import { rejected } from './verification.ts'

/** Largest token read (W7). */
export const STATUS_TOKEN_BYTES_MAX = 1_048_576
/** Lifetime of a token (W7). */
export const STATUS_TOKEN_LIFETIME_SECONDS = 3600
/** How long a token may be cached (W7); the root's own lists use 60. */
export const STATUS_TOKEN_TTL_SECONDS = 300

/** A status list token (W7; IETF Token Status List): `sub` is the address it is served at. */
export const StatusListToken = z.object({
  iss: EntityId.exactOptional(),
  sub: WebUri,
  iat: NumericDate,
  exp: NumericDate,
  ttl: z.int().min(1).exactOptional(),
  status_list: z.object({ bits: z.literal(STATUS_BITS), lst: z.string().min(1) }),
})
export type StatusListToken = z.infer<typeof StatusListToken>

const document = defineDocument({
  typ: TYP.statusListToken,
  schema: StatusListToken,
  bytesMax: STATUS_TOKEN_BYTES_MAX,
  fault: ({ iat, exp }) => (exp > iat ? undefined : rejected('claims-invalid', 'exp is not after iat')),
})
export const signStatusListToken = document.sign
export const readStatusListToken = document.read
export const verifyStatusListToken = document.verify

/**
 * The status at an index of the list in `claims`. The caller has verified the token and compared its `sub`.
 *
 * @throws RangeError for a list of the wrong size, an index outside it, or a reserved number.
 */
export async function statusAt(claims: StatusListToken, idx: number): Promise<StatusValue> {
  const unpacked = await unpackStatusList(claims.status_list.lst)
  if (unpacked.kind === 'refused') throw new RangeError(unpacked.why)
  const value = entryAt(unpacked.bytes, idx)
  if (value === undefined) throw new RangeError(`no entry ${idx} in ${claims.sub}`)
  if (!isStatusValue(value))
    throw new RangeError(`entry ${idx} of ${claims.sub} has the reserved number ${value}`)
  return value
}

function isStatusValue(value: number): value is StatusValue {
  return statusName(value) !== undefined
}
