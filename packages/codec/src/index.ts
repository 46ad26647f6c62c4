export { type AliasText, fromAlias, readAlias, toAlias } from './alias.ts'
export { aliasDnsName, DNS_NAME_LENGTH_MAX } from './alias-dns-name.ts'
export type { Branded } from './branded.ts'
export {
  buildCode,
  buildProviderPrefix,
  buildRequesterPrefix,
  type CodeParts,
  type ProviderPrefixParts,
  type RequesterPrefixParts,
} from './build-code.ts'
export { checkMark, mod37x36, verifyCheckMark } from './check-mark.ts'
export { BATCH_CAPACITY_MAX, type CodeBatch, createCodeBatch } from './code-batch.ts'
export { type CodeSegments, type IdentityCodeSegments, segmentsOf } from './code-segments.ts'
export { diagnose } from './diagnosis/diagnose.ts'
export type {
  Change,
  DiagnoseOptions,
  Diagnosis,
  DiagnosisProblem,
  DiagnosisReason,
  Dialect,
  DialectVerdict,
  Reading,
  SegmentReading,
  Severity,
} from './diagnosis/diagnosis.ts'
export { type Explanation, explainMalformation, explainSegment } from './explanation.ts'
export { isCodeUnderAnyRoot } from './foreign-code.ts'
export { CODE_LENGTH_MAX } from './fault.ts'
export type {
  CodePrefix,
  CodeText,
  IdentityCode,
  OpaqueCode,
  OpaqueText,
  PrefixText,
  Subject,
} from './identity-code.ts'
export {
  compareCodes,
  contains,
  instanceOf,
  isOntology,
  ontologyOf,
  parentOf,
  providerPrefixOf,
  requesterPrefixOf,
} from './kinship.ts'
export {
  CodeSyntaxError,
  MALFORMATION_REASONS,
  type Malformation,
  type MalformationReason,
} from './malformation.ts'
export { OPAQUE_SEGMENTS_MAX, OPAQUE_WIDTH_MAX } from './opaque-code.ts'
export {
  type OpaqueReadOptions,
  parseCode,
  parsePrefix,
  parseSubject,
  readCode,
  readPrefix,
  type ReadOptions,
  readSubject,
} from './read-code.ts'
export { codeAt, malformationAt, readCodes } from './read-codes.ts'
export {
  compareRootPrefixes,
  HOME_PREFIX,
  parseRootPrefix,
  prefixesOverlap,
  readRootPrefix,
  ROOT_PREFIX_LENGTH_MAX,
  type RootPrefix,
} from './root-prefix.ts'
export {
  asInstanceNumber,
  asOntologyNumber,
  asProviderNumber,
  asRequesterNumber,
  asSchemeVersion,
  CURRENT_VERSION,
  type InstanceNumber,
  isProviderWidthDisputed,
  isSupportedVersion,
  type Level,
  MAX,
  type NumberedSegment,
  type OntologyNumber,
  type ProviderNumber,
  type RequesterNumber,
  type SchemeVersion,
  type SegmentName,
  WIDTH_MAX,
} from './segment.ts'
export {
  formatSegment,
  parseInstanceNumber,
  parseOntologyNumber,
  parseProviderNumber,
  parseRequesterNumber,
  readSegment,
} from './segment-text.ts'
