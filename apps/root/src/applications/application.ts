import type { ProblemCode } from '@arc3088/problems'
import { judgeOwnLog } from '@arc3088/issuer'
import {
  Organization,
  PublicJwkSet,
  type EntityConfiguration,
  type OwnLog,
  type PublicJwk,
} from '@arc3088/records'
import { z } from 'zod'

/** How far an application has come. Later states (returned, withdrawn, rejected) come with the desk's next rooms. */
export type ApplicationState = 'applied' | 'under-review' | 'approved'

/** Whether the organisation is of this root's own territory (annex B b has the others). */
export type ProviderKind = 'domestic' | 'overseas'

/** An organisation that asks to become a provider. */
export interface Application {
  readonly id: string
  readonly entityId: string
  readonly kind: ProviderKind
  readonly organization: Organization
  readonly contact: string
  readonly federationKeys: readonly PublicJwk[]
  readonly wishedCode: number | null
  /** What its configuration says of its log, once that was fetched; null where it has none. */
  readonly log: OwnLog | null
  readonly state: ApplicationState
  readonly appliedAt: Date
}

/** What an applicant sends, inside a request signed with the federation key that it names here. */
export const ApplicationBody = z.strictObject({
  organization: Organization,
  contact: z.string().min(3).max(320),
  jwks: PublicJwkSet,
  wished_code: z.string().min(1).max(5).optional(),
})

/** Domestic where the organisation stands in this root's own territory (annex B). */
export function kindOf(organization: Organization, territory: string): ProviderKind {
  return organization.country === territory ? 'domestic' : 'overseas'
}

/** Says what is wrong with a published configuration, or that it bears the application out. */
export type ConfigurationJudgement =
  | { readonly kind: 'bears-out'; readonly log: OwnLog | null }
  | { readonly kind: 'refuse'; readonly because: ProblemCode; readonly detail: string }

/**
 * Compares what the applicant sent with what stands at its own address: exactly the same keys, this root named
 * as its authority, and the metadata of a provider. Whoever controls the address controls the keys. A log may be
 * missing; one that is named must be the applicant's own, or the root would vouch for it in another's name.
 */
export function judgeConfiguration(
  application: Application,
  configuration: EntityConfiguration,
  rootEntityId: string,
): ConfigurationJudgement {
  const refuse = (detail: string): ConfigurationJudgement => ({
    kind: 'refuse',
    because: 'applicant-unverified',
    detail,
  })
  if (configuration.sub !== application.entityId)
    return refuse(`The configuration is that of ${configuration.sub}`)
  const published = configuration.jwks.keys.map((key) => key.kid).toSorted()
  const applied = application.federationKeys.map((key) => key.kid).toSorted()
  if (published.join(' ') !== applied.join(' '))
    return refuse('The published federation keys are not those applied with')
  if (configuration.authority_hints?.includes(rootEntityId) !== true) {
    return refuse(`authority_hints does not name ${rootEntityId}`)
  }
  const metadata = configuration.metadata.agent_code_provider
  if (metadata === undefined) return refuse('There is no agent_code_provider metadata')
  const { tlog, issuing_jwks: issuing, status_jwks: status } = metadata
  if (tlog === undefined) return { kind: 'bears-out', log: null }
  const otherKeys = [...configuration.jwks.keys, ...issuing.keys, ...status.keys]
  const judgement = judgeOwnLog(application.entityId, tlog, otherKeys)
  return judgement.kind === 'own'
    ? { kind: 'bears-out', log: tlog }
    : { kind: 'refuse', because: 'log-not-own', detail: `${judgement.reason}: ${judgement.detail}` }
}
