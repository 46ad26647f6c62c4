import type { ProblemCode } from '@arc3088/problems'
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
  /** The code of the provider that serves what a retired one left. */
  readonly custodian: number | undefined
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
  | { readonly act: 'retire'; readonly custodian: number | undefined }
  | { readonly act: 'replace-keys'; readonly keys: readonly PublicJwk[]; readonly place: StatusPlace }
  | {
      readonly act: 'move'
      readonly entityId: string
      readonly keys: readonly PublicJwk[]
      readonly log: OwnLog | undefined
    }
  | {
      readonly act: 'key'
      readonly change: Pick<KeyEndorsement, 'event' | 'purpose' | 'key'>
      /** Of a log's key: how the log names it. */
      readonly vkey?: string | undefined
      /** Where the statement is withdrawn with a compromised key. */
      readonly place?: StatusPlace | undefined
    }
  | { readonly act: 'log'; readonly log: OwnLog }

/** Whether a step may follow. */
export type StepJudgement =
  | { readonly kind: 'follows' }
  | { readonly kind: 'refuse'; readonly because: ProblemCode; readonly detail: string }

const FOLLOWS: StepJudgement = { kind: 'follows' }
/** Predecessors that a statement can name (W2). */
export const PREDECESSORS_MAX = 64

function refuse(because: ProblemCode, detail: string): StepJudgement {
  return { kind: 'refuse', because, detail }
}

/**
 * Decides whether a step may follow in a life. A code is given once and for ever (GB/Z 185.2 6 a): nothing follows an end
 * but what its evidence needs, changes of the keys that vouch for it.
 */
export function judgeStep(life: ProviderLife | undefined, step: LifeStep): StepJudgement {
  if (isFirst(step)) {
    return life === undefined
      ? FOLLOWS
      : refuse('code-taken', `The code was given to ${life.foundedAs}, and is never given again`)
  }
  if (life === undefined) return refuse('entity-unknown', 'No provider was ever assigned this code')
  if (life.state === 'retired' && step.act !== 'key')
    return refuse('provider-retired', `It was retired at ${life.stateSince}, for ever`)
  switch (step.act) {
    case 'suspend':
      return life.state === 'active' ? FOLLOWS : refuse('provider-state', `It is ${life.state} already`)
    case 'resume':
      return life.state === 'suspended' ? FOLLOWS : refuse('provider-state', `It is ${life.state}`)
    case 'retire':
      return step.custodian === life.code
        ? refuse('custodian-unfit', 'Nobody is the custodian of what he leaves')
        : FOLLOWS
    case 'replace-keys':
      return judgeNewKeys(life, step.keys)
    case 'move':
      return judgeMove(life, step)
    case 'key':
      return judgeLastKey(life, step)
    case 'log':
      return life.log === undefined
        ? FOLLOWS
        : refuse('log-known', `${life.log.origin} is known with other keys already`)
  }
}

type FirstStep = Extract<LifeStep, { readonly code: number }>

function isFirst(step: LifeStep): step is FirstStep {
  return step.act === 'assign' || step.act === 'adopt'
}

function judgeNewKeys(life: ProviderLife, keys: readonly PublicJwk[]): StepJudgement {
  const standing = keys.find(({ kid }) => life.federationKeys.some((key) => key.kid === kid))
  if (standing !== undefined)
    return refuse('key-state', `Key ${standing.kid} stands already: all keys are replaced`)
  return keys.length > 0 ? FOLLOWS : refuse('key-state', 'A provider has a federation key')
}

function judgeMove(life: ProviderLife, step: Extract<LifeStep, { act: 'move' }>): StepJudgement {
  const { entityId, predecessors, log } = life
  if ([entityId, ...predecessors.map((each) => each.entity_id)].includes(step.entityId))
    return refuse('entity-known', `${step.entityId} is or was this provider`)
  if (predecessors.length >= PREDECESSORS_MAX)
    return refuse('provider-state', `It has moved ${PREDECESSORS_MAX} times`)
  const isSameLog = log === undefined || (step.log !== undefined && isMoved(log, step.log))
  return isSameLog ? FOLLOWS : refuse('log-not-own', 'A log keeps its origin and its keys when it moves')
}

function isMoved(from: OwnLog, to: OwnLog): boolean {
  return from.origin === to.origin && from.vkeys.join('\n') === to.vkeys.join('\n')
}

function judgeLastKey(life: ProviderLife, step: Extract<LifeStep, { act: 'key' }>): StepJudgement {
  const { key, purpose } = step.change
  const isLast = life.federationKeys.every(({ kid }) => kid === key.kid)
  return purpose === 'federation' && isEnd(step.change) && isLast
    ? refuse('key-state', 'The last federation key is replaced by another, or by the desk of the root')
    : FOLLOWS
}

function isEnd({ event }: Pick<KeyEndorsement, 'event'>): boolean {
  return event === 'retire' || event === 'compromise'
}

/** What a step makes of a life. @throws Error for one that may not follow: see {@link judgeStep}. */
export function applyStep(life: ProviderLife | undefined, step: LifeStep, facts: StepFacts): ProviderLife {
  const judgement = judgeStep(life, step)
  if (judgement.kind === 'refuse') throw new Error(`${step.act} does not follow: ${judgement.detail}`)
  const changed = isFirst(step) ? begin(step, facts) : change(life, step, facts)
  const { seq, at, entry, decision } = facts
  const transition = { seq, act: step.act, at, state: changed.state, decision, entry }
  return {
    ...changed,
    transitions: [...changed.transitions, transition],
    head: { seq, hash: entry, at },
  }
}

function begin({ code, facts, record, place }: FirstStep, { seq, at, entry }: StepFacts): ProviderLife {
  return {
    code,
    foundedAs: facts.entity_id,
    entityId: facts.entity_id,
    kind: facts.kind,
    territory: facts.territory,
    organization: facts.organization,
    state: 'active',
    stateSince: facts.assigned_at,
    assignedAt: facts.assigned_at,
    servesSince: facts.assigned_at,
    federationKeys: facts.jwks.keys,
    log: facts.tlog ?? undefined,
    predecessors: [],
    custodian: undefined,
    record,
    statementPlace: place,
    withdrawnPlaces: [],
    transitions: [],
    head: { seq, hash: entry, at },
  }
}

function change(
  life: ProviderLife | undefined,
  step: Exclude<LifeStep, FirstStep>,
  { at }: StepFacts,
): ProviderLife {
  if (life === undefined) throw new Error('a life begins with its assignment')
  switch (step.act) {
    case 'suspend':
      return { ...life, state: 'suspended', stateSince: at }
    case 'resume':
      return { ...life, state: 'active', stateSince: at }
    case 'retire':
      return { ...life, state: 'retired', stateSince: at, custodian: step.custodian }
    case 'replace-keys':
      return { ...withdraw(life, step.place), federationKeys: step.keys }
    case 'move':
      return {
        ...life,
        entityId: step.entityId,
        servesSince: at,
        federationKeys: step.keys,
        log: step.log,
        predecessors: [...life.predecessors, termOf(life, at)],
      }
    case 'key':
      return changeKey(step.place === undefined ? life : withdraw(life, step.place), step)
    case 'log':
      return { ...life, log: step.log }
  }
}

/** The statement stands elsewhere from now on, and every one that was given out before is revoked. */
function withdraw(life: ProviderLife, place: StatusPlace): ProviderLife {
  return {
    ...life,
    statementPlace: place,
    withdrawnPlaces: [...life.withdrawnPlaces, life.statementPlace],
  }
}

/** The keys that stood at its end: by them its key history is known for ever. */
export function termOf(life: ProviderLife, until: NumericDate): Predecessor {
  return {
    entity_id: life.entityId,
    jwks_thumbprints: life.federationKeys.map(({ kid }) => kid),
    from: life.servesSince,
    until,
  }
}

function changeKey(life: ProviderLife, step: Extract<LifeStep, { act: 'key' }>): ProviderLife {
  const { purpose, key, event } = step.change
  if (purpose === 'federation')
    return { ...life, federationKeys: changeFederationKeys(life.federationKeys, { event, key }) }
  if (purpose !== 'tlog' || life.log === undefined || step.vkey === undefined) return life
  const vkeys = changeVkeys(life.log.vkeys, { event, vkey: step.vkey })
  return vkeys.length === 0 ? life : { ...life, log: { ...life.log, vkeys } }
}

/** A new federation key stands from its announcement, and no more from its retirement or compromise on. */
export function changeFederationKeys(
  keys: readonly PublicJwk[],
  { event, key }: Pick<KeyEndorsement, 'event' | 'key'>,
): readonly PublicJwk[] {
  if (isEnd({ event })) return keys.filter(({ kid }) => kid !== key.kid)
  const isNew = event === 'announce' && !keys.some(({ kid }) => kid === key.kid)
  return isNew ? [...keys, key] : keys
}

/** The key that signs stands first: by it the provider cosigns, too. Only a compromised one leaves. */
export function changeVkeys(
  known: readonly string[],
  { event, vkey }: { event: KeyEndorsement['event']; vkey: string },
): string[] {
  const others = known.filter((each) => each !== vkey)
  if (event === 'compromise') return others
  return event === 'activate' ? [vkey, ...others] : [...others, vkey]
}
