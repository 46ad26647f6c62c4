import {
  readAssignmentRecord,
  readEntityConfiguration,
  readStatusListToken,
  readSubordinateStatement,
  RootKeySetJws,
  STATUS_TOKEN_TTL_SECONDS,
  type NumericDate,
} from '@arc3088/records'
import type { EvidenceBundleInput } from '@arc3088/trust'
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
})
export type RootWord = z.infer<typeof RootWord>

const DAY_SECONDS = 86_400

/** The word as evidence for the provider's own code (W6). */
export function bundleOf(word: RootWord): EvidenceBundleInput {
  return {
    v: 1,
    records: [word.record],
    chains: [[word.own_configuration, word.statement, word.root_configuration]],
    root_keys: word.root_keys,
    status_list_tokens: word.status_list_tokens,
  }
}

/** When statement, configuration and key sets are due again: daily, or when the first of them is half expired. */
export function chainDueAt(word: RootWord): NumericDate {
  const parts = [
    readEntityConfiguration(word.root_configuration),
    readSubordinateStatement(word.statement),
  ].map((read) => (read.kind === 'read' ? read.claims : undefined))
  return Math.min(
    ...parts.map((claims) =>
      claims === undefined ? 0 : claims.iat + Math.min(DAY_SECONDS, (claims.exp - claims.iat) / 2),
    ),
  )
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
