import { z } from 'zod'

import { Base64urlSha256, EntityId, Line, NumericDate, OwnLog, SubjectText } from './claims.ts'
import { Organization } from './assignment-record.ts'
import { PublicJwkSet } from './jwk.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** What can happen in the life of a provider; `adopt` takes in one that was assigned before officers signed decisions. */
export const PROVIDER_ACTS = [
  'assign',
  'adopt',
  'suspend',
  'resume',
  'retire',
  'replace-keys',
  'move',
  'key',
  'log',
] as const
export type ProviderAct = (typeof PROVIDER_ACTS)[number]

/** A place in a status list of the root. */
export const StatusPlace = z.object({ list: z.int().min(0), index: z.int().min(0) })
export type StatusPlace = z.infer<typeof StatusPlace>

/** A provider as the root knew it when decisions began to be signed. */
export const AdoptedProvider = z.object({
  entity_id: EntityId,
  kind: z.enum(['domestic', 'overseas']),
  territory: Line,
  organization: Organization,
  jwks: PublicJwkSet,
  tlog: OwnLog.nullable(),
  assigned_at: NumericDate,
})
export type AdoptedProvider = z.infer<typeof AdoptedProvider>

/** Where the code of a provider stands: its record, and the record's place in a status list. */
export const ProviderRecordRef = z.object({ hash: Base64urlSha256, status: StatusPlace })

/**
 * One step in the life of a provider as the root carried it out, chained to the step before. It says in which order things
 * happened and what only carrying out could settle (the code, places in status lists); why it happened is proved by its
 * cause: the decision of the officers, the provider's own signed word, or the ceremony that enrolled the first officers.
 */
export const ProviderEntry = z.object({
  iss: EntityId,
  iat: NumericDate,
  /** The provider's code prefix. */
  sub: SubjectText,
  /** 1, 2, 3 … within the life of one provider. */
  seq: z.int().min(1),
  /** Identity (W0) of the entry before; null in entry 1. */
  prev: Base64urlSha256.nullable(),
  act: z.enum(PROVIDER_ACTS),
  /** Identity of the decision (W12) that was carried out. */
  decision: Base64urlSha256.exactOptional(),
  /** The provider's own signed word, verbatim: a key endorsement, or the request that names its log. */
  signed: z.string().min(1).exactOptional(),
  adopted: AdoptedProvider.exactOptional(),
  /** Entry 1 only. */
  record: ProviderRecordRef.exactOptional(),
  /** From here on the status of the statement about the provider stands there. */
  statement_status: StatusPlace.exactOptional(),
})
export type ProviderEntry = z.infer<typeof ProviderEntry>

const CAUSE: Record<ProviderAct, 'decision' | 'signed' | 'adopted'> = {
  assign: 'decision',
  adopt: 'adopted',
  suspend: 'decision',
  resume: 'decision',
  retire: 'decision',
  'replace-keys': 'decision',
  move: 'decision',
  key: 'signed',
  log: 'signed',
}

function fault(entry: ProviderEntry): Rejected | undefined {
  const { seq, prev, act, record, statement_status: place } = entry
  const isFirst = act === 'assign' || act === 'adopt'
  if ((seq === 1) !== isFirst || (seq === 1) !== (prev === null))
    return rejected(
      'claims-invalid',
      'a life begins with its assignment or adoption, and nothing stands before it',
    )
  for (const cause of ['decision', 'signed', 'adopted'] as const) {
    if ((entry[cause] !== undefined) !== (CAUSE[act] === cause))
      return rejected('claims-invalid', `the cause of ${act} is its ${CAUSE[act]}`)
  }
  if ((record !== undefined) !== isFirst)
    return rejected('claims-invalid', 'the record stands in entry 1 and only there')
  if ((isFirst || act === 'replace-keys') && place === undefined)
    return rejected('claims-invalid', `${act} gives the statement a place`)
  return undefined
}

const document = defineDocument({ typ: TYP.providerEntry, schema: ProviderEntry, fault })
export const signProviderEntry = document.sign
export const readProviderEntry = document.read
export const verifyProviderEntry = document.verify
