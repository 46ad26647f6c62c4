/** Fully specified algorithms (RFC 9864). ES256 is the default. */
export type SignatureAlg = 'ES256' | 'Ed25519'

/** The members of a public JWK that are the key itself. */
export interface KeyMaterial {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y?: string
}

/** Whether a signature of 64 raw bytes is by this key over these bytes. False, not an error, for any that is not. */
export type SignatureCheck = (
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
) => Promise<boolean>

/** Makes the check of a key. Rejects where the material is no public key of the algorithm. */
export type OpenKey = (material: KeyMaterial, alg: SignatureAlg) => Promise<SignatureCheck>
