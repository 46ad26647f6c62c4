import { decodeBase64url, type OwnLog, type PublicJwk } from '@arc3088/records'
import {
  COSIGNATURE_ALGORITHM,
  createVerifierKey,
  equalBytes,
  formatVkey,
  LOG_ALGORITHM,
  parseVkey,
  type VerifierKey,
} from '@arc3088/tlog'

import type { WitnessAddress } from './ask-witness.ts'
import { logOrigin, nodeNameOf, witnessName, witnessUrl } from './log-identity.ts'

/** Whether a log that an entity names can be its own. Never renamed: the reason stands in refusals. */
export type LogJudgement =
  | { readonly kind: 'own' }
  | {
      readonly kind: 'refuse'
      readonly reason:
        | 'origin-not-own'
        | 'url-not-own'
        | 'vkey-unusable'
        | 'vkey-not-of-the-log'
        | 'key-shared'
      readonly detail: string
    }

/**
 * Judges what an entity says of its log before anybody witnesses it under that name: origin and address stand under
 * the entity's own, and each key is an Ed25519 key (algorithm 1) of that origin which serves nothing else (W0, Keys).
 */
export function judgeOwnLog(entityId: string, log: OwnLog, otherKeys: readonly PublicJwk[]): LogJudgement {
  const refuse = (
    reason: Extract<LogJudgement, { kind: 'refuse' }>['reason'],
    detail: string,
  ): LogJudgement => ({ kind: 'refuse', reason, detail })
  if (log.origin !== logOrigin(entityId)) {
    return refuse('origin-not-own', `the origin of the log of ${entityId} is ${logOrigin(entityId)}`)
  }
  if (!log.url.startsWith(witnessUrl(entityId)) || !log.url.endsWith('/') || !URL.canParse(log.url)) {
    return refuse('url-not-own', `the log of ${entityId} is served below ${witnessUrl(entityId)}`)
  }
  for (const vkey of log.vkeys) {
    const key = parseVkey(vkey)
    if (key?.algorithm !== LOG_ALGORITHM) {
      return refuse('vkey-unusable', 'a vkey of a log is an Ed25519 key of algorithm 1')
    }
    if (key.name !== log.origin)
      return refuse('vkey-not-of-the-log', `a vkey of the log is named ${log.origin}`)
    if (otherKeys.some((other) => isSameKey(key, other))) {
      return refuse('key-shared', 'the key of the log serves another purpose too')
    }
  }
  return { kind: 'own' }
}

/**
 * The witness that the owner of a log is for others: the same Ed25519 keys as its log's, as algorithm 4, under the
 * name of the node that the log has too (an entity that moved keeps it, while it is reached at its new address), an address for each: the first, which signs, then the last, which may be the next to sign, then those
 * before. Empty where the first vkey is not one of a log.
 */
export function witnessesOf(entityId: string, log: OwnLog): WitnessAddress[] {
  const [first, ...others] = log.vkeys
    .map((vkey) => parseVkey(vkey))
    .map((key) => (key?.algorithm === LOG_ALGORITHM ? key : undefined))
  if (first === undefined) return []
  const next = others.at(-1)
  const name = nodeNameOf(log.origin) ?? witnessName(entityId)
  return [first, next, ...others.slice(0, -1)]
    .filter((key) => key !== undefined)
    .map(({ publicKey }) => ({
      vkey: formatVkey(createVerifierKey({ name, publicKey, algorithm: COSIGNATURE_ALGORITHM })),
      url: witnessUrl(entityId),
    }))
}

function isSameKey(key: VerifierKey, jwk: PublicJwk): boolean {
  const bytes = decodeBase64url(jwk.x)
  return jwk.crv === 'Ed25519' && bytes !== undefined && equalBytes(key.publicKey, bytes)
}
