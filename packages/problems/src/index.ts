export { PROBLEMS, problemKind, type ProblemCode } from './catalogue.ts'
export {
  PROBLEM_MEDIA_TYPE,
  toFederationError,
  toProblemDetails,
  type FederationError,
  type ProblemDetails,
} from './problem-details.ts'
export { RegistryError, type ProblemExtra } from './registry-error.ts'
