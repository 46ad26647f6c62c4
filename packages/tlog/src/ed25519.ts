export const SIGNATURE_BYTES = 64

/** RFC 8032, over WebCrypto. False, not an error, for a signature of the wrong length or a key that is none. */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array<ArrayBuffer>,
  signature: Uint8Array,
): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES) return false
  const key = await importPublicKey(publicKey)
  if (key === undefined) return false
  return await crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), message)
}

async function importPublicKey(publicKey: Uint8Array): Promise<CryptoKey | undefined> {
  try {
    return await crypto.subtle.importKey('raw', new Uint8Array(publicKey), 'Ed25519', false, ['verify'])
  } catch (error) {
    // The one refusal of a well-formed call: the bytes are no point of the curve, so nothing is signed with them.
    if (error instanceof DOMException && error.name === 'DataError') return undefined
    throw error
  }
}
