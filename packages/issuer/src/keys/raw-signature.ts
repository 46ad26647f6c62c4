/** Of each half of an ECDSA signature over P-256 (RFC 7518 section 3.4). */
const HALF_BYTES = 32
const SEQUENCE = 0x30
const INTEGER = 0x02

/**
 * The raw form `r ‖ s` of an ECDSA signature over P-256 that is given in DER (RFC 3279 section 2.2.3), 64 bytes.
 *
 * @throws TypeError for bytes that are no such signature.
 */
export function rawSignature(der: Uint8Array): Uint8Array {
  const [sequence, length] = der
  if (sequence !== SEQUENCE || length !== der.length - 2) throw malformed()
  const raw = new Uint8Array(2 * HALF_BYTES)
  const middle = copyInteger(der, 2, raw.subarray(0, HALF_BYTES))
  const end = copyInteger(der, middle, raw.subarray(HALF_BYTES))
  if (end !== der.length) throw malformed()
  return raw
}

/** Copies the integer that begins at `at`, and answers where it ends. DER has neither leading zeros nor a set sign bit. */
function copyInteger(der: Uint8Array, at: number, half: Uint8Array): number {
  const length = der[at + 1] ?? 0
  const end = at + 2 + length
  if (der[at] !== INTEGER || length === 0 || end > der.length) throw malformed()
  const digits = der.subarray(der[at + 2] === 0 ? at + 3 : at + 2, end)
  if (digits.length > HALF_BYTES) throw malformed()
  half.set(digits, HALF_BYTES - digits.length)
  return end
}

function malformed(): TypeError {
  return new TypeError('not an ECDSA signature over P-256 in DER')
}
