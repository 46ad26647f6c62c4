import type { ProblemCode } from '@arc3088/problems'

/** How far an application has come. Approved, rejected and withdrawn are its ends. */
export const APPLICATION_STATES = [
  'applied',
  'under-review',
  'returned',
  'approved',
  'rejected',
  'withdrawn',
] as const
export type ApplicationState = (typeof APPLICATION_STATES)[number]

/** What the form of each thing is that may be asked for when an application is returned. */
export const RETURNED_ITEMS = [
  'organization',
  'identifiers',
  'legal_representative',
  'contact',
  'evidence',
  'purposes',
  'scenarios',
  'numbering_plan',
  'wished_code',
  'jwks',
  'configuration',
  'other',
] as const

/** One thing that is missing or wrong, and what is asked for. */
export interface ReturnedItem {
  readonly about: (typeof RETURNED_ITEMS)[number]
  readonly note: string
}

/** Why an organisation does not become a provider, in one word that figures can count. */
export const REJECTION_GROUNDS = [
  'not-an-organisation',
  'identity-unproven',
  'evidence-insufficient',
  'evidence-untrue',
  'conditions-unmet',
  'duplicate',
  'not-completed',
  'other',
] as const

/** One ground, in words that the public may read. */
export interface RejectionReason {
  readonly ground: (typeof REJECTION_GROUNDS)[number]
  readonly text: string
}

/** What a step says besides states and times. */
export interface StepDetail {
  /** What is to be completed. */
  readonly items?: readonly ReturnedItem[]
  /** Why it was rejected. */
  readonly reasons?: readonly RejectionReason[]
  /** The revision that a completion made. */
  readonly revision?: number
}

/** One step of an application: written once, in the transaction of the act. */
export interface ApplicationStep {
  readonly step: number
  readonly from: ApplicationState | null
  readonly to: ApplicationState
  /** An operator of the desk, or the applicant's entity id. */
  readonly actor: string
  readonly reason: string | null
  readonly detail: StepDetail
  readonly at: Date
}

/**
 * What may be done to an application. The applicant completes and withdraws; `complete-anew` brings other federation keys,
 * so that its address must be looked at again; the desk does the rest, approval and rejection by dual control.
 */
export const APPLICATION_ACTS = [
  'take',
  'return',
  'complete',
  'complete-anew',
  'withdraw',
  'approve',
  'reject',
] as const
export type ApplicationAct = (typeof APPLICATION_ACTS)[number]

/** What an act leads to. */
export type StepJudgement =
  | { readonly kind: 'moved'; readonly to: ApplicationState }
  | { readonly kind: 'refuse'; readonly because: ProblemCode; readonly detail: string }

/** From which states an act leads to which. The database has the same pairs as a check. */
const MOVES: Readonly<Record<ApplicationAct, Partial<Record<ApplicationState, ApplicationState>>>> = {
  take: { applied: 'under-review' },
  return: { 'under-review': 'returned' },
  complete: { returned: 'under-review' },
  'complete-anew': { returned: 'applied' },
  withdraw: { applied: 'withdrawn', 'under-review': 'withdrawn', returned: 'withdrawn' },
  approve: { 'under-review': 'approved' },
  reject: { applied: 'rejected', 'under-review': 'rejected', returned: 'rejected' },
}

/** Decides what an act does in a state (GB/Z 185.2 5.4, annex B b). */
export function judgeStep(act: ApplicationAct, state: ApplicationState): StepJudgement {
  const to = MOVES[act][state]
  return to === undefined
    ? { kind: 'refuse', because: 'application-state', detail: `The application is ${state}` }
    : { kind: 'moved', to }
}

/** Whether an application can still change. */
export function isOpen(state: ApplicationState): boolean {
  return state === 'applied' || state === 'under-review' || state === 'returned'
}

/** How long an application stood in a state: the state that a step left, and the seconds there, never below 0. */
export interface TimeInState {
  readonly state: ApplicationState
  readonly seconds: number
}

/** How long it stood where, in the order of its steps; where it stands now is not over yet and is not in it. */
export function timesOf(steps: readonly ApplicationStep[]): TimeInState[] {
  return steps.slice(1).map((step, nth) => ({
    state: step.from ?? 'applied',
    seconds: secondsBetween(steps[nth]?.at ?? step.at, step.at),
  }))
}

/** Whole seconds from one instant to a later one; a clock that was put back makes 0 of it. */
export function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1000))
}
