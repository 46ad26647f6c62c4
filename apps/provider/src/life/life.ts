import type { ProblemCode } from '@arc3088/problems'
import { STATUS, type StatusValue } from '@arc3088/records'

/** The life of a code once it is assigned. Recall and succession come with later rooms. */
export type Life = 'active' | 'locked' | 'retired'

/** What its requester or a reviewer does to a code. */
export type LifeAct = 'lock' | 'unlock' | 'retire'

/** What an act leads to. */
export type LifeMove =
  | { readonly kind: 'moved'; readonly to: Life }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refuse'; readonly because: ProblemCode; readonly detail: string }

/** Where an act leads; retired is terminal. */
const TARGET: Readonly<Record<LifeAct, Life>> = { lock: 'locked', unlock: 'active', retire: 'retired' }

/** How a life reads in a status list (wire-format W7). */
export const STATUS_OF_LIFE: Readonly<Record<Life, StatusValue>> = {
  active: STATUS.valid,
  locked: STATUS.suspended,
  retired: STATUS.retired,
}

/**
 * Decides what an act does to one code, whatever became of those above it: unlocking an ontology leaves an
 * instance that was locked on its own as it is. Doing again what was done is no error.
 */
export function judgeLife(act: LifeAct, life: Life): LifeMove {
  const to = TARGET[act]
  if (life === to) return { kind: 'unchanged' }
  if (life === 'retired')
    return { kind: 'refuse', because: 'code-state', detail: 'A retired code is retired for ever' }
  return { kind: 'moved', to }
}
