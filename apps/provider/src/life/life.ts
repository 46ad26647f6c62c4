import type { ProblemCode } from '@arc3088/problems'
import { STATUS, type StatusValue } from '@arc3088/records'

/** The life of a code once it is assigned. Recall and succession come with later rooms. */
export type Life = 'active' | 'locked' | 'retired'

/** Who holds a lock: the requester of the code, or the desk, whose lock a requester cannot undo. */
export type LockHolder = 'requester' | 'desk'

/** A life, and who holds the lock: somebody does exactly while the code is locked. */
export type LifeStanding =
  | { readonly life: 'active' | 'retired'; readonly lockedBy: null }
  | { readonly life: 'locked'; readonly lockedBy: LockHolder }

/** What its requester or a reviewer does to a code. */
export type LifeAct = 'lock' | 'unlock' | 'retire'

/** What an act leads to. */
export type LifeMove =
  | { readonly kind: 'moved'; readonly to: LifeStanding }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refuse'; readonly because: ProblemCode; readonly detail: string }

/** How a life reads in a status list (wire-format W7). Who holds a lock is not told. */
export const STATUS_OF_LIFE: Readonly<Record<Life, StatusValue>> = {
  active: STATUS.valid,
  locked: STATUS.suspended,
  retired: STATUS.retired,
}

const UNCHANGED: LifeMove = { kind: 'unchanged' }

/**
 * Decides what an act does to one code, whatever became of those above it: unlocking an ontology leaves an
 * instance that was locked on its own as it is. Doing again what was done is no error. The desk's lock takes the
 * place of a requester's and never the other way round; retired is terminal, whoever did it.
 */
export function judgeLife(act: LifeAct, now: LifeStanding, by: LockHolder): LifeMove {
  if (now.life === 'retired') {
    if (act === 'retire') return UNCHANGED
    return { kind: 'refuse', because: 'code-state', detail: 'A retired code is retired for ever' }
  }
  switch (act) {
    case 'retire':
      return { kind: 'moved', to: { life: 'retired', lockedBy: null } }
    case 'lock':
      if (now.lockedBy === by || now.lockedBy === 'desk') return UNCHANGED
      return { kind: 'moved', to: { life: 'locked', lockedBy: by } }
    case 'unlock':
      if (now.life === 'active') return UNCHANGED
      if (now.lockedBy === 'desk' && by === 'requester') return LOCKED_BY_DESK
      return { kind: 'moved', to: { life: 'active', lockedBy: null } }
  }
}

const LOCKED_BY_DESK: LifeMove = {
  kind: 'refuse',
  because: 'forbidden',
  detail: 'The desk of the provider locked this code, and only a reviewer may unlock it',
}
