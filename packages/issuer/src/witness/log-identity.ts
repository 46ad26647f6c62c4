import { decodeBase64url, type OwnLog, type PublicJwk, type Signer } from '@arc3088/records'
import {
  COSIGNATURE_ALGORITHM,
  createNoteSigner,
  createVerifierKey,
  formatVkey,
  LOG_ALGORITHM,
  type NoteAlgorithm,
  type NoteSigner,
} from '@arc3088/tlog'

/** What a node's cosigning key is called: its entity identifier without scheme, such as `root.example`. */
export function witnessName(entityId: string): string {
  return entityId.replace(/^https?:\/\//, '').replace(/\/$/, '')
}

const LOG_PATH = '/tlog'

/** The origin line of a node's log, such as `root.example/tlog` (C2SP tlog-checkpoint). */
export function logOrigin(entityId: string): string {
  return `${witnessName(entityId)}${LOG_PATH}`
}

/** The name of the node whose log has this origin; undefined for an origin that no node gives its log. */
export function nodeNameOf(origin: string): string | undefined {
  return origin.endsWith(LOG_PATH) ? origin.slice(0, -LOG_PATH.length) : undefined
}

/** The prefix under which a node serves its log (C2SP tlog-tiles). */
export function logUrl(entityId: string): string {
  return `${witnessUrl(entityId)}tlog/`
}

/** The base below which a node takes checkpoints: `add-checkpoint` follows it. */
export function witnessUrl(entityId: string): string {
  return entityId.endsWith('/') ? entityId : `${entityId}/`
}

/** Signs the checkpoints of the node's own log (algorithm 1). */
export function createLogSigner(entityId: string, signer: Signer): NoteSigner {
  return noteSigner(signer, logOrigin(entityId), LOG_ALGORITHM)
}

/** Cosigns the checkpoints of others' logs (algorithm 4), with the same Ed25519 key under the node's own name. */
export function createCosigner(entityId: string, signer: Signer): NoteSigner {
  return noteSigner(signer, witnessName(entityId), COSIGNATURE_ALGORITHM)
}

/** What a verifier of the node's log needs to know its checkpoints by. */
export function logVkey(entityId: string, jwk: PublicJwk): string {
  return vkeyOf(logOrigin(entityId), jwk, LOG_ALGORITHM)
}

/** What a verifier needs to know the node's cosignatures by. */
export function cosigningVkey(entityId: string, jwk: PublicJwk): string {
  return vkeyOf(witnessName(entityId), jwk, COSIGNATURE_ALGORITHM)
}

/**
 * What a node says of its own log (wire-format W8): every published key of it, the active one first. `servedBy` is the
 * entity that serves it now, where that is not the one whose name the log has.
 */
export function ownLogMetadata(
  entityId: string,
  published: readonly PublicJwk[],
  servedBy: string = entityId,
): OwnLog {
  return {
    url: logUrl(servedBy),
    origin: logOrigin(entityId),
    vkeys: published.map((jwk) => logVkey(entityId, jwk)),
  }
}

function vkeyOf(name: string, jwk: PublicJwk, algorithm: NoteAlgorithm): string {
  return formatVkey(createVerifierKey({ name, publicKey: publicKeyOf(jwk), algorithm }))
}

function noteSigner(signer: Signer, name: string, algorithm: NoteAlgorithm): NoteSigner {
  return createNoteSigner({
    name,
    publicKey: publicKeyOf(signer.publicJwk),
    algorithm,
    sign: (message) => signer.sign(message),
  })
}

function publicKeyOf({ kid, crv, x }: PublicJwk): Uint8Array {
  const bytes = decodeBase64url(x)
  if (crv !== 'Ed25519' || bytes === undefined) throw new TypeError(`key ${kid} is not of Ed25519`)
  return bytes
}
