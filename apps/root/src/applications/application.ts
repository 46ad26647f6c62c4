import type { ProblemCode } from '@arc3088/problems'
import { judgeOwnLog } from '@arc3088/issuer'
import type { EntityConfiguration, Organization, OwnLog, PublicJwk } from '@arc3088/records'

import type { ApplicationDossier } from './application-body.ts'
import type { ApplicationState } from './application-step.ts'

/** Whether the organisation is of this root's own territory (annex B b has the others). */
export type ProviderKind = 'domestic' | 'overseas'

/** An organisation that asks to become a provider. */
export interface Application {
  readonly id: string
  readonly entityId: string
  readonly kind: ProviderKind
  readonly organization: Organization
  /** Private, as the dossier is: of people, perhaps. */
  readonly contact: string
  readonly dossier: ApplicationDossier
  readonly federationKeys: readonly PublicJwk[]
  readonly wishedCode: number | null
  /** What its configuration says of its log, once that was fetched; null where it has none. */
  readonly log: OwnLog | null
  readonly state: ApplicationState
  /** Since when it is in this state. */
  readonly stateSince: Date
  /** How often its content was sent: 1 at first, one more with each completion. */
  readonly revision: number
  /** The number of its last step. */
  readonly step: number
  /** Who of the desk took it up; null before that. */
  readonly takenBy: string | null
  readonly appliedAt: Date
}

/** Domestic where the organisation stands in this root's own territory (annex B). */
export function kindOf(organization: Organization, territory: string): ProviderKind {
  return organization.country === territory ? 'domestic' : 'overseas'
}

/** Whether two sets of keys are the same, in whatever order. */
export function haveSameKeys(one: readonly PublicJwk[], other: readonly PublicJwk[]): boolean {
  const names = (keys: readonly PublicJwk[]) =>
    keys
      .map((key) => key.kid)
      .toSorted()
      .join(' ')
  return names(one) === names(other)
}

/** Says what is wrong with a published configuration, or that it bears the application out. */
export type ConfigurationJudgement =
  | {
      readonly kind: 'bears-out'
      readonly log: OwnLog | null
      /** Every key that the configuration lists, of any purpose but the log's. */
      readonly keys: readonly PublicJwk[]
    }
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
  if (!haveSameKeys(configuration.jwks.keys, application.federationKeys))
    return refuse('The published federation keys are not those applied with')
  if (configuration.authority_hints?.includes(rootEntityId) !== true) {
    return refuse(`authority_hints does not name ${rootEntityId}`)
  }
  const metadata = configuration.metadata.agent_code_provider
  if (metadata === undefined) return refuse('There is no agent_code_provider metadata')
  const { tlog, issuing_jwks: issuing, status_jwks: status } = metadata
  const keys = [...configuration.jwks.keys, ...issuing.keys, ...status.keys]
  if (tlog === undefined) return { kind: 'bears-out', log: null, keys }
  const judgement = judgeOwnLog(application.entityId, tlog, keys)
  return judgement.kind === 'own'
    ? { kind: 'bears-out', log: tlog, keys }
    : { kind: 'refuse', because: 'log-not-own', detail: `${judgement.reason}: ${judgement.detail}` }
}
