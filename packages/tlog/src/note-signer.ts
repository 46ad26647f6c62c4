import { verifyEd25519 } from './ed25519.ts'
import { encodeText } from './note-text.ts'
import { createVerifierKey, formatVkey, LOG_ALGORITHM, type NoteAlgorithm } from './vkey.ts'

/** The first line of what a witness signs (tlog-cosignature, Ed25519 signed message), and so the origin of no log. */
export const COSIGNATURE_HEADER = 'cosignature/v1'

/** A log's (1) or a witness's (4) key, wherever it is kept. */
export interface NoteSigner {
  readonly name: string
  readonly keyId: Uint8Array
  readonly algorithm: NoteAlgorithm
  readonly vkey: string
  /** 64 bytes (RFC 8032), verified. Throws for a message of the other algorithm. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

export interface NoteSignerParts {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly algorithm: NoteAlgorithm
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>
}

/**
 * One Ed25519 key may serve a log and a witness, as two signers: the first line of the message tells them apart, and each
 * signer refuses the other's. Throws for a name or key of the wrong shape.
 */
export function createNoteSigner({ name, publicKey, algorithm, sign }: NoteSignerParts): NoteSigner {
  const key = createVerifierKey({ name, publicKey: publicKey.slice(), algorithm })
  return {
    name,
    keyId: key.keyId,
    algorithm,
    vkey: formatVkey(key),
    async sign(message) {
      if (isCosignatureMessage(message) === (algorithm === LOG_ALGORITHM)) {
        throw new Error('a log signs no cosignature, and a witness nothing else')
      }
      const signature = await sign(message)
      // A signer with the wrong key, or a failing token, must not get as far as a published checkpoint.
      if (!(await verifyEd25519(key.publicKey, new Uint8Array(message), signature))) {
        throw new Error(`the signature is not that of ${name}`)
      }
      return signature
    },
  }
}

const HEADER_LINE = encodeText(`${COSIGNATURE_HEADER}\n`)

function isCosignatureMessage(message: Uint8Array): boolean {
  return HEADER_LINE.every((byte, at) => message[at] === byte)
}
