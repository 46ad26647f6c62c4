import {
  readAssignmentRecord,
  readEntityConfiguration,
  readKeyHistory,
  readStatusListToken,
  readSubordinateStatement,
  recordHash,
  RootKeySetJws,
  STATUS_TOKEN_TTL_SECONDS,
  type NumericDate,
} from '@arc3088/records'
import { servingEntity, type EvidenceBundleInput } from '@arc3088/trust'
import { z } from 'zod'

/** Everything signed that this provider stands on, verbatim (wire-format W1 to W3, W7). */
export const RootWord = z.strictObject({
  /** The record of the provider's own code. */
  record: z.string(),
  /** The provider's own configuration as it was when the rest was verified. */
  own_configuration: z.string(),
  statement: z.string(),
  root_configuration: z.string(),
  root_keys: z.array(RootKeySetJws),
  /** The root's lists that the statement and the record refer to. */
  status_list_tokens: z.array(z.string()),
  /** That the record stands in the root's log (C2SP tlog-proof), once a witnessed checkpoint covers it. */
  log_proof: z.string().exactOptional(),
  /** The keys that the root used before, once there is one (OpenID Federation 1.0 section 8.7). */
  key_history: z.string().exactOptional(),
})
export type RootWord = z.infer<typeof RootWord>

const DAY_SECONDS = 86_400
/** The max-age of a configuration (W1): what it names anew may be used after twice that. */
const CONFIGURATION_SECONDS = 300

/**
 * The word as evidence for the provider's own code (W6). The proof stands in it only where the record is worth nothing
 * without: the provider may be the very witness that the root's log waits for.
 */
export async function bundleOf(word: RootWord): Promise<EvidenceBundleInput> {
  const histories = historiesOf(word)
  const proof = histories.key_histories === undefined ? undefined : word.log_proof
  return {
    v: 1,
    records: [word.record],
    chains: [chainOf(word)],
    root_keys: word.root_keys,
    status_list_tokens: word.status_list_tokens,
    ...histories,
    ...(proof === undefined ? {} : { tlog_proofs: { [await recordHash(word.record)]: proof } }),
  }
}

/**
 * The chain from a configuration up, where the root names its entity as the one that serves; else the root's word alone,
 * since what another says of itself has no part in it (W2).
 */
export function chainOf(word: RootWord, ownConfiguration: string = word.own_configuration): string[] {
  const statement = readSubordinateStatement(word.statement)
  const own = readEntityConfiguration(ownConfiguration)
  const above = [word.statement, word.root_configuration]
  if (statement.kind === 'rejected' || own.kind === 'rejected') return [ownConfiguration, ...above]
  return servingEntity(statement.claims).entityId === own.claims.iss ? [ownConfiguration, ...above] : above
}

/** The root's former keys, where one of them signed the record: who resolves a code of this provider needs it then. */
export function historiesOf({
  record,
  key_history: history,
}: RootWord): Pick<EvidenceBundleInput, 'key_histories'> {
  if (history === undefined) return {}
  const former = readKeyHistory(history)
  const signed = readAssignmentRecord(record)
  if (former.kind === 'rejected' || signed.kind === 'rejected') return {}
  return former.claims.keys.some(({ kid }) => kid === signed.kid) ? { key_histories: [history] } : {}
}

/**
 * False where the provider publishes a federation key that the statement does not name yet: whoever meets a
 * signature by that key would refuse the chain, so the root is asked again before the key is used.
 */
export function statesFederationKeys(word: RootWord, ownConfiguration: string): boolean {
  const statement = readSubordinateStatement(word.statement)
  const own = readEntityConfiguration(ownConfiguration)
  if (statement.kind === 'rejected' || own.kind === 'rejected') return false
  const stated = new Set(servingEntity(statement.claims).keys.map(({ kid }) => kid))
  return own.claims.jwks.keys.every(({ kid }) => stated.has(kid))
}

/**
 * When statement, configuration and key sets are due again: with every configuration, since by its keys this provider
 * witnesses the root's log, or when the statement is a day old or half expired.
 */
export function chainDueAt(word: RootWord): NumericDate {
  const configuration = readEntityConfiguration(word.root_configuration)
  const statement = readSubordinateStatement(word.statement)
  if (configuration.kind === 'rejected' || statement.kind === 'rejected') return 0
  return Math.min(dueAt(configuration.claims, CONFIGURATION_SECONDS), dueAt(statement.claims, DAY_SECONDS))
}

function dueAt({ iat, exp }: { iat: NumericDate; exp: NumericDate }, secondsMax: number): NumericDate {
  return iat + Math.min(secondsMax, (exp - iat) / 2)
}

/** When the root's status tokens are due again: after the ttl that the root gives them. */
export function tokensDueAt(word: RootWord): NumericDate {
  const due = word.status_list_tokens.map((text) => {
    const read = readStatusListToken(text)
    return read.kind === 'read' ? read.claims.iat + (read.claims.ttl ?? STATUS_TOKEN_TTL_SECONDS) : 0
  })
  return Math.min(...due)
}

/** The addresses of the lists that a record and a statement refer to; undefined where one is not readable. */
export function statusListUris(record: string, statement: string): string[] | undefined {
  const ofRecord = readAssignmentRecord(record)
  const ofStatement = readSubordinateStatement(statement)
  if (ofRecord.kind === 'rejected' || ofStatement.kind === 'rejected') return undefined
  return [...new Set([ofStatement.claims.status.status_list.uri, ofRecord.claims.status.status_list.uri])]
}
