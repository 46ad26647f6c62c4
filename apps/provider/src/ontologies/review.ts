import type { ProblemCode } from '@arc3088/problems'

/** How far the review of an ontology has come. Approval gives it a code, and its life begins. */
export type ReviewState = 'draft' | 'submitted' | 'under-review' | 'returned' | 'rejected' | 'approved'

/** What is done to an ontology before it has a code: the first two by its requester, the rest at the desk. */
export type ReviewAct = 'edit' | 'submit' | 'take' | 'return' | 'reject' | 'approve'

/** What an act leads to. */
export type ReviewMove =
  | { readonly kind: 'moved'; readonly to: ReviewState }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refuse'; readonly because: ProblemCode; readonly detail: string }

/** From which states an act leads to which. */
const MOVES: Readonly<Record<ReviewAct, Partial<Record<ReviewState, ReviewState>>>> = {
  edit: { draft: 'draft', returned: 'draft' },
  submit: { draft: 'submitted', returned: 'submitted' },
  take: { submitted: 'under-review' },
  return: { 'under-review': 'returned' },
  reject: { 'under-review': 'rejected' },
  approve: { 'under-review': 'approved' },
}

/** Where an act has led already when it comes again, as a retry does. */
const DONE: Readonly<Record<ReviewAct, ReviewState | undefined>> = {
  edit: undefined,
  submit: 'submitted',
  take: 'under-review',
  return: 'returned',
  reject: 'rejected',
  // An approval is retried under its Idempotency-Key; without it, it would be a second one.
  approve: undefined,
}

/**
 * Decides what an act does in a state. Rejected and approved are terminal. Doing again what was done is no error;
 * but what somebody else has taken up cannot be taken.
 */
export function judgeReview(
  act: ReviewAct,
  state: ReviewState,
  taken: { by: string | null; actor: string },
): ReviewMove {
  const to = MOVES[act][state]
  if (to !== undefined) return { kind: 'moved', to }
  const isTakenByOther = act === 'take' && taken.by !== taken.actor
  if (DONE[act] === state && !isTakenByOther) return { kind: 'unchanged' }
  return { kind: 'refuse', because: 'ontology-state', detail: `The ontology is ${state}` }
}
