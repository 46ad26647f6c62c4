import { decodeBase64url, type PublicJwk, type Signer } from '@arc3088/records'
import {
  createNoteSigner,
  createVerifierKey,
  LOG_ALGORITHM,
  parseVkey,
  type NoteSigner,
  type VerifierKey,
} from '@arc3088/tlog'

/** The log's key of the moment, as a signer of notes and as its verifiers know it. */
export interface CheckpointSigner extends NoteSigner {
  readonly verifierKey: VerifierKey
}

/** The node's `tlog` key under the name of its log. Throws for a key that is not Ed25519. */
export function createCheckpointSigner(origin: string, signer: Signer): CheckpointSigner {
  const publicKey = decodeBase64url(signer.publicJwk.x)
  if (signer.alg !== 'Ed25519' || publicKey === undefined) throw new Error('a log signs with an Ed25519 key')
  const noteSigner = createNoteSigner({
    name: origin,
    publicKey,
    algorithm: LOG_ALGORITHM,
    sign: (message) => signer.sign(message),
  })
  const verifierKey = parseVkey(noteSigner.vkey)
  if (verifierKey === undefined) throw new Error('the key of the log cannot be written down')
  return { ...noteSigner, verifierKey }
}

/** A key of the log as verifiers know it. Throws for one that is not Ed25519. */
export function checkpointVerifier(origin: string, jwk: PublicJwk): VerifierKey {
  const publicKey = decodeBase64url(jwk.x)
  if (jwk.crv !== 'Ed25519' || publicKey === undefined) throw new Error('a log signs with an Ed25519 key')
  return createVerifierKey({ name: origin, publicKey, algorithm: LOG_ALGORITHM })
}

/** Follows a key that may be rotated; makes a signer once for each. */
export function followCheckpointSigner(origin: string, current: () => Signer): () => CheckpointSigner {
  let made: { kid: string; signer: CheckpointSigner } | undefined
  return () => {
    const signer = current()
    if (made?.kid !== signer.kid) made = { kid: signer.kid, signer: createCheckpointSigner(origin, signer) }
    return made.signer
  }
}
