import { z } from 'zod'

import { LanguageTitle } from './advisory.ts'
import { Base64urlSha256, EntityId, Line, NumericDate } from './claims.ts'
import { PublicJwkSet } from './jwk.ts'
import { LIST_PAGE_CLAIMS, listPageFault } from './list-page.ts'
import { TYP } from './media-type.ts'
import { ScenarioName } from './scenario.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** Largest page of the certifier list read. */
export const CERTIFIER_LIST_BYTES_MAX = 2_097_152
/** Certifiers on one page of the list. */
export const CERTIFIERS_A_PAGE = 100

const SCHEMES_MAX = 64

/** How a certifier stands: what it certified while `active` stays, and `removed` is final. */
export const CERTIFIER_STATES = ['active', 'suspended', 'removed'] as const
export type CertifierState = (typeof CERTIFIER_STATES)[number]

/** What a certifier may certify: scenarios of the policy, under schemes by their names (policy item 12). */
export const CertifierScope = z.object({
  scenarios: z.array(ScenarioName).min(1),
  schemes: z.array(Line).min(1).max(SCHEMES_MAX),
})
export type CertifierScope = z.infer<typeof CertifierScope>

/** Who a certifier is, as it was registered: its keys are what certificates are verified by. */
export const CERTIFIER_CONTENT = {
  entity_id: EntityId,
  name: LanguageTitle,
  jwks: PublicJwkSet,
  scope: CertifierScope,
  valid_from: NumericDate,
  valid_until: NumericDate,
}

/** A registered certifier, also after its removal: certificates of earlier days stay checkable. */
export const CertifierEntry = z.object({
  ...CERTIFIER_CONTENT,
  state: z.enum(CERTIFIER_STATES),
  state_since: NumericDate,
  /** Identity of the decision (W12) that it stands so by. */
  decision: Base64urlSha256,
})
export type CertifierEntry = z.infer<typeof CertifierEntry>

/** A page of the list of every certifier ever registered, in the order of registration. */
export const CertifierList = z.object({
  ...LIST_PAGE_CLAIMS,
  entries: z.array(CertifierEntry).max(CERTIFIERS_A_PAGE),
})
export type CertifierList = z.infer<typeof CertifierList>

/** What is wrong with a certifier; undefined where nothing is. */
export function certifierFault({
  entity_id: entityId,
  scope,
  valid_from: from,
  valid_until: until,
}: Pick<CertifierEntry, 'entity_id' | 'scope' | 'valid_from' | 'valid_until'>): Rejected | undefined {
  if (until <= from) return rejected('claims-invalid', `${entityId}: valid_until is not after valid_from`)
  const { scenarios, schemes } = scope
  return new Set(scenarios).size === scenarios.length && new Set(schemes).size === schemes.length
    ? undefined
    : rejected('claims-invalid', `${entityId}: a scenario or a scheme stands twice`)
}

function fault(claims: CertifierList): Rejected | undefined {
  const { entries } = claims
  if (new Set(entries.map(({ entity_id: entityId }) => entityId)).size < entries.length)
    return rejected('claims-invalid', 'a certifier stands twice')
  for (const entry of entries) {
    const wrong = certifierFault(entry)
    if (wrong !== undefined) return wrong
  }
  return listPageFault(claims)
}

const document = defineDocument({
  typ: TYP.certifierList,
  schema: CertifierList,
  bytesMax: CERTIFIER_LIST_BYTES_MAX,
  fault,
})
export const signCertifierList = document.sign
export const readCertifierList = document.read
export const verifyCertifierList = document.verify
