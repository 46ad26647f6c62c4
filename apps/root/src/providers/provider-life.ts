import {
  type AdoptedProvider,
  type KeyEndorsement,
  type NumericDate,
  type OwnLog,
  type ProviderAct,
  type ProviderAppointment,
  type PublicJwk,
  type StatusPlace,
} from '@arc3088/records'

/** How a provider stands with the root. */
export type ProviderState = ProviderAppointment['state']

/** An entity that was the provider before a move (wire-format W2). */
export type Predecessor = NonNullable<ProviderAppointment['predecessors']>[number]

/** One step as it is told to others: what happened, when, and the decision behind it. */
export interface Transition {
  readonly seq: number
  readonly act: ProviderAct
  readonly at: NumericDate
  readonly state: ProviderState
  readonly decision: string | undefined
  /** Identity of the entry that says so. */
  readonly entry: string
}

/** All that the root may say of a provider: what verified acts made of it, and nothing else. */
export interface ProviderLife {
  readonly code: number
  /** The entity that the code was given to. */
  readonly foundedAs: string
  /** The entity that is this provider now: another one after a move. */
  readonly entityId: string
  readonly kind: AdoptedProvider['kind']
  readonly territory: string
  readonly organization: AdoptedProvider['organization']
  readonly state: ProviderState
  readonly stateSince: NumericDate
  readonly assignedAt: NumericDate
  /** Since when `entityId` is this provider. */
  readonly servesSince: NumericDate
  readonly federationKeys: readonly PublicJwk[]
  /** Its log by its own word; undefined where it has named none. */
  readonly log: OwnLog | undefined
  readonly predecessors: readonly Predecessor[]
  /** The code of the provider whose node serves what a retired one left. */
  readonly custodian: number | undefined
  /** True once `entityId` is the custodian's node, and not the retired provider's own. */
  readonly isInCustody: boolean
  readonly record: { readonly hash: string; readonly status: StatusPlace }
  readonly statementPlace: StatusPlace
  /** Places of statements that were withdrawn: revoked for ever. */
  readonly withdrawnPlaces: readonly StatusPlace[]
  readonly transitions: readonly Transition[]
  readonly head: { readonly seq: number; readonly hash: string; readonly at: NumericDate }
}

/** What is the same of every step: the entry that says so. */
export interface StepFacts {
  readonly seq: number
  readonly at: NumericDate
  readonly entry: string
  readonly decision?: string | undefined
}

/** An entity that is to be the provider from now on: where it is, its keys, and the same log at its address. */
export interface Seat {
  readonly entityId: string
  readonly keys: readonly PublicJwk[]
  readonly log: OwnLog | undefined
}

/** A step whose cause was verified. */
export type LifeStep =
  | {
      readonly act: 'assign' | 'adopt'
      readonly code: number
      readonly facts: AdoptedProvider
      readonly record: ProviderLife['record']
      readonly place: StatusPlace
    }
  | { readonly act: 'suspend' | 'resume' }
  | {
      readonly act: 'retire'
      readonly custodian: number | undefined
      /** The node over what it left; a custodian that was named without one serves nothing yet. */
      readonly custody: Seat | undefined
    }
  | { readonly act: 'replace-keys'; readonly keys: readonly PublicJwk[]; readonly place: StatusPlace }
  | (Seat & {
      readonly act: 'move'
      /** Of what a retired one left: whose node it is from now on, where that is another. */
      readonly custodian?: number | undefined
    })
  | {
      readonly act: 'key'
      readonly change: Pick<KeyEndorsement, 'event' | 'purpose' | 'key'>
      /** Of a log's key: how the log names it. */
      readonly vkey?: string | undefined
      /** Where the statement is withdrawn with a compromised key. */
      readonly place?: StatusPlace | undefined
    }
  | { readonly act: 'log'; readonly log: OwnLog }
