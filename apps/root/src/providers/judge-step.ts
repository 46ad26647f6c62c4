import type { ProblemCode } from '@arc3088/problems'
import type { KeyEndorsement, OwnLog, PublicJwk } from '@arc3088/records'

import type { LifeStep, ProviderLife, Seat } from './provider-life.ts'

/** Whether a step may follow. */
export type StepJudgement =
  | { readonly kind: 'follows' }
  | { readonly kind: 'refuse'; readonly because: ProblemCode; readonly detail: string }

const FOLLOWS: StepJudgement = { kind: 'follows' }
/** Predecessors that a statement can name (W2). */
export const PREDECESSORS_MAX = 64

const OWN_CUSTODIAN = refuse('custodian-unfit', 'Nobody is the custodian of what he leaves')

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
  if (life.state === 'retired' && !followsRetirement(life, step))
    return refuse('provider-retired', `It was retired at ${life.stateSince}, for ever`)
  switch (step.act) {
    case 'suspend':
      return life.state === 'active' ? FOLLOWS : refuse('provider-state', `It is ${life.state} already`)
    case 'resume':
      return life.state === 'suspended' ? FOLLOWS : refuse('provider-state', `It is ${life.state}`)
    case 'retire':
      if (step.custodian === life.code) return OWN_CUSTODIAN
      return step.custody === undefined ? FOLLOWS : judgeSeat(life, step.custody)
    case 'replace-keys':
      return judgeNewKeys(life, step.keys)
    case 'move':
      if (step.custodian !== undefined && life.state !== 'retired')
        return refuse('provider-state', 'Only what a retired provider left has a custodian')
      return step.custodian === life.code ? OWN_CUSTODIAN : judgeSeat(life, step)
    case 'key':
      return judgeLastKey(life, step)
    case 'log':
      return life.log === undefined
        ? FOLLOWS
        : refuse('log-known', `${life.log.origin} is known with other keys already`)
  }
}

/** After the end only keys change, and what a custodian keeps passes on with its evidence: no state, nothing new. */
function followsRetirement({ custodian }: ProviderLife, { act }: LifeStep): boolean {
  return act === 'key' || (custodian !== undefined && (act === 'move' || act === 'replace-keys'))
}

/** A step that a life begins with. */
export type FirstStep = Extract<LifeStep, { readonly code: number }>

/** True for a step that a life begins with. */
export function isFirst(step: LifeStep): step is FirstStep {
  return step.act === 'assign' || step.act === 'adopt'
}

function judgeNewKeys(life: ProviderLife, keys: readonly PublicJwk[]): StepJudgement {
  const standing = keys.find(({ kid }) => life.federationKeys.some((key) => key.kid === kid))
  if (standing !== undefined)
    return refuse('key-state', `Key ${standing.kid} stands already: all keys are replaced`)
  return keys.length > 0 ? FOLLOWS : refuse('key-state', 'A provider has a federation key')
}

function judgeSeat(life: ProviderLife, step: Seat): StepJudgement {
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

/** True for a change of a key after which it stands no more. */
export function isEnd({ event }: Pick<KeyEndorsement, 'event'>): boolean {
  return event === 'retire' || event === 'compromise'
}
