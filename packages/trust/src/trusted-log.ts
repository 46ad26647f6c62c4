import type { LogMetadata } from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE } from '@arc3088/records'
import type { VerifierKey } from '@arc3088/tlog'
import { COSIGNATURE_ALGORITHM, LOG_ALGORITHM, parseVkey } from '@arc3088/tlog'

import type { Authorities } from './authority.ts'

/** A log as the anchor describes it (W1, W2): who signs it, who watches it, how many of them it takes. */
export interface TrustedLog {
  readonly origin: string
  readonly logKeys: readonly VerifierKey[]
  readonly witnesses: readonly VerifierKey[]
  /** Cosignatures that a proof needs; 0 where none is asked for. */
  readonly quorum: number
  /** All of the above as text: two logs of one name prove the same. */
  readonly name: string
}

/** Keys of kinds that this version does not know are read past (signed-note); what then lacks a quorum proves nothing. */
function keysOf(texts: readonly string[], algorithm: VerifierKey['algorithm']): readonly VerifierKey[] {
  return texts.flatMap((text) => {
    const key = parseVkey(text)
    return key?.algorithm === algorithm ? [key] : []
  })
}

const logs = new WeakMap<LogMetadata, TrustedLog>()

/** What the metadata means to a verifier. */
export function trustedLogOf(metadata: LogMetadata): TrustedLog {
  const known = logs.get(metadata)
  if (known !== undefined) return known
  const { origin, vkeys, witnesses = [], quorum } = metadata
  const witnessKeys = witnesses.map(({ vkey }) => vkey)
  const log = {
    origin,
    logKeys: keysOf(vkeys, LOG_ALGORITHM),
    witnesses: keysOf(witnessKeys, COSIGNATURE_ALGORITHM),
    quorum,
    name: JSON.stringify([origin, vkeys, witnessKeys, quorum]),
  }
  logs.set(metadata, log)
  return log
}

/**
 * The log in which an authority's records stand: the root's as the root describes it, any other as the root's statement
 * does. What a provider says of its own log never counts.
 */
export function logOf(kind: 'root' | 'provider', { root, grant }: Authorities): TrustedLog | undefined {
  const metadata = kind === 'root' ? root?.log : grant?.statement.metadata[PROVIDER_ENTITY_TYPE].tlog
  return metadata === undefined ? undefined : trustedLogOf(metadata)
}

/** Every verifier key that anchor and statement list; for holding them against the other purposes. */
export function logKeysOf(authorities: Authorities): readonly VerifierKey[] {
  return (['root', 'provider'] as const).flatMap((kind) => {
    const log = logOf(kind, authorities)
    return log === undefined ? [] : [...log.logKeys, ...log.witnesses]
  })
}
