export type { AssessedProvider, AssessedRecognition, AssessedRecord, Assessment } from './assessment.ts'
export type {
  AgreementFindings,
  AgreementStanding,
  AgreementState,
  LinkStanding,
  PartyStanding,
} from './agreement-state.ts'
export { foldAgreement, isInTurn, linkBetween } from './agreement-state.ts'
export type { OwnState, SeenEvent, Since } from './own-history.ts'
export { afterEvent, lateness, moreRestrictive } from './own-history.ts'
export { pinAnchor } from './anchor.ts'
export type { Chain, Link } from './chain.ts'
export { arrangeChain, constraintFaults, servingEntity, verifyChain } from './chain.ts'
export type { Authorities, Grant, ProviderAuthority, RootAuthority } from './authority.ts'
export { readAuthorities } from './authority.ts'
export type { DocumentReader, DocumentShelf, RecordReading, VerifyRecord } from './document-reader.ts'
export { createRecordVerifier } from './document-reader.ts'
export type { ChainedEvent, EventBasis, EventFault, EventRefusal } from './event-chain.ts'
export { verifyEventChain } from './event-chain.ts'
export { EvidenceBundle } from './evidence-bundle.ts'
export type { EvidenceBundleInput, PinnedAnchor, SeenKeySet } from './evidence-bundle.ts'
export type { EvidenceMemory, Shelf } from './evidence-memory.ts'
export { createEvidenceMemory } from './evidence-memory.ts'
export type { Check, Finding, Findings, Reason, ReasonCode } from './findings.ts'
export { createFindings } from './findings.ts'
export { assignEntryFault } from './log-evidence.ts'
export type { LogStanding } from './log-judgement.ts'
export { LOG_PENDING_SECONDS } from './log-judgement.ts'
export type { ProofTools } from './log-proof.ts'
export { createProofTools, proveEntry } from './log-proof.ts'
export type { Misconduct } from './misconduct.ts'
export type { ProvenEntry } from './proven-entry.ts'
export type { DateFault, OverlapFault, ScopeFault } from './recognition-guards.ts'
export {
  agreementDateFault,
  isNamePermitted,
  overlapFault,
  recognises,
  scopeFault,
  successionFault,
} from './recognition-guards.ts'
export type { RecognitionPolicy } from './recognition-basis.ts'
export { RECOGNITION_LIST_AGE_SECONDS_MAX } from './recognition-basis.ts'
export { sharedKeyFault } from './shared-key.ts'
export type { StatusEntry } from './status-evidence.ts'
export { pathOf } from './subject-path.ts'
export type { TrustedLog } from './trusted-log.ts'
export { logOf, trustedLogOf } from './trusted-log.ts'
export type { Verdict } from './verdict.ts'
export { VERDICTS, compareVerdicts, couldNotTell, exitCodeOf, isGood, isIntegrityFailure } from './verdict.ts'
export type { EvidenceQuestion, VerifyEvidence } from './verify-evidence.ts'
export { createVerifier, verifyEvidence } from './verify-evidence.ts'
