import type { ProblemCode } from '@arc3088/problems'

/** Refusals that an act can give when it is proposed, and again when it is carried out. Each act adds its own here. */
export const ACT_PROBLEMS = [
  'code-malformed',
  'number-out-of-plan',
  'application-not-found',
  'application-state',
  'entity-known',
  'foreign-root-unknown',
  'foreign-root-invalid',
  'foreign-root-in-use',
  'prefix-overlap',
  'agreement-not-found',
  'agreement-invalid',
  'agreement-state',
  'agreement-pending',
  'code-not-found',
  'advisory-not-found',
  'advisory-state',
  'advisory-changed',
  'certifier-known',
  'certifier-not-found',
  'certifier-state',
] as const satisfies readonly ProblemCode[]
