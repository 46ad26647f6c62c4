/** Why a token cannot be used; never renamed. */
export type Pkcs11FaultKind =
  /** The native module is not built on this machine. */
  | 'binding-missing'
  /** The library of the token's maker is not there, or is none. */
  | 'module-missing'
  | 'token-missing'
  | 'pin-refused'
  | 'key-missing'
  /** The token has another kind of key there, or does not offer the mechanism. */
  | 'key-unusable'

/** A token, or a key in it, that cannot be used. Says neither PIN nor key. */
export class Pkcs11Fault extends Error {
  readonly kind: Pkcs11FaultKind

  constructor(kind: Pkcs11FaultKind, detail: string, options?: ErrorOptions) {
    super(`${kind}: ${detail}`, options)
    this.name = 'Pkcs11Fault'
    this.kind = kind
  }
}
