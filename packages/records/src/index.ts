export { decodeBase64url, encodeBase64url } from './base64url.ts'
export { StrictJsonError, parseStrictJson, type JsonFault } from '@arc3088/strict-json'
export type {
  CompactJws,
  Read,
  Reading,
  Rejected,
  RejectionReason,
  Verification,
  Verified,
} from './verification.ts'
export { rejected } from './verification.ts'
export { MEDIA_TYPE, TYP } from './media-type.ts'
export type { KeyImport } from './jwk.ts'
export { importPublicJwk, PublicJwk, PublicJwkSet, thumbprint } from './jwk.ts'
export type { SignatureAlg } from './signature-check.ts'
export type { KeyPurpose, KeyRing, PrivateJwk, Signer } from './signer.ts'
export { createMemorySigner, generateSigningKey, publicJwkOf } from './signer.ts'
export type { DecodedJws, ProtectedHeader } from './compact-jws.ts'
export {
  STATEMENT_BYTES_MAX,
  decodeCompact,
  decodeSignedPart,
  signCompact,
  verifySignedPart,
} from './compact-jws.ts'
export type { DocumentRules, SignedDocument } from './signed-document.ts'
export { defineDocument } from './signed-document.ts'
export { GeneralJws, parseGeneralJws } from './general-jws.ts'
export { CHANGE_LINE_BYTES_MAX, Change, ChangeSeq, formatChange, readChange } from './change.ts'
export {
  SNAPSHOT_NOTIFICATION_BYTES_MAX,
  SNAPSHOT_NOTIFICATION_LIFETIME_SECONDS,
  SNAPSHOT_SEGMENT_BYTES_MAX,
  SnapshotNotification,
  SnapshotSegment,
  readSnapshotNotification,
  signSnapshotNotification,
  verifySnapshotNotification,
} from './snapshot-notification.ts'
export type { LogEntry, LogEntryType } from './log-entry.ts'
export {
  LOG_ENTRY_BYTES_MAX,
  LOG_ENTRY_TYPES,
  LOG_KEY_BYTES,
  formatLogEntry,
  hiddenLogName,
  isHiddenLogName,
  logKeyDigest,
  readLogEntry,
} from './log-entry.ts'
export { jcsDigest, recordHash, sha256Base64url } from './digest.ts'
export type { TimeFault } from './time-window.ts'
export { timeFault } from './time-window.ts'
export {
  Base64urlSha256,
  CLOCK_SKEW_SECONDS,
  EntityId,
  LogMetadata,
  NumericDate,
  OwnLog,
  Sha256Digest,
  StatusClaim,
  StatusReference,
  SubjectText,
  WebUri,
  statusClaim,
  toNumericDate,
} from './claims.ts'
export type { StatusName, StatusValue, Unpacking } from './status-list.ts'
export {
  STATUS,
  STATUS_BITS,
  STATUS_LIST_BYTES,
  STATUS_LIST_SIZE,
  entryAt,
  packStatusList,
  setEntry,
  statusName,
  unpackStatusList,
} from './status-list.ts'
export type { StatusTransition } from './status-list-change.ts'
export { formatStatusTransition, statusTransitionHash } from './status-list-change.ts'
export {
  STATUS_TOKEN_BYTES_MAX,
  STATUS_TOKEN_LIFETIME_SECONDS,
  STATUS_TOKEN_TTL_SECONDS,
  StatusListToken,
  readStatusListToken,
  signStatusListToken,
  statusAt,
  verifyStatusListToken,
} from './status-list-token.ts'
export type { VerifiedRootKeySet } from './root-key-set.ts'
export {
  ROOT_KEY_SET_LIFETIME_SECONDS_MAX,
  RootKeySet,
  RootKeySetJws,
  parseRootKeySetJws,
  readRootKeySet,
  rootKeySetHash,
  signRootKeySet,
  verifyRootKeySet,
} from './root-key-set.ts'
export {
  ENTITY_CONFIGURATION_LIFETIME_SECONDS,
  EntityConfiguration,
  FederationEntityMetadata,
  ProviderMetadata,
  RootMetadata,
  readEntityConfiguration,
  signEntityConfiguration,
  verifyEntityConfiguration,
} from './entity-configuration.ts'
export {
  ChainConstraints,
  PROVIDER_ENTITY_TYPE,
  PROVIDER_STATES_MAX,
  ProviderAppointment,
  SUBORDINATE_STATEMENT_LIFETIME_SECONDS,
  SubordinateStatement,
  readSubordinateStatement,
  signSubordinateStatement,
  verifySubordinateStatement,
} from './subordinate-statement.ts'
export {
  AssignmentRecord,
  CodeAssignment,
  Organization,
  ShownOrganization,
  assignmentFault,
  codeAssignmentOf,
  readAssignmentRecord,
  signAssignmentRecord,
  signMadeAssignmentRecord,
  subjectOf,
  verifyAssignmentRecord,
} from './assignment-record.ts'
export {
  ANSWER_TRANSITIONS_MAX,
  AnswerTransition,
  RESOLUTION_ANSWER_BYTES_MAX,
  RESOLUTION_ANSWER_LIFETIME_SECONDS,
  ResolutionAnswer,
  StatusWord,
  readResolutionAnswer,
  signResolutionAnswer,
  verifyResolutionAnswer,
} from './resolution-answer.ts'
export {
  REGISTRY_REQUEST_LIFETIME_SECONDS_MAX,
  RegistryRequest,
  readRegistryRequest,
  requestHash,
  signRegistryRequest,
  verifyRegistryRequest,
} from './registry-request.ts'
export {
  RESOLVE_RESPONSE_BYTES_MAX,
  ResolveResponse,
  readResolveResponse,
  signResolveResponse,
  verifyResolveResponse,
} from './resolve-response.ts'
export type { ReadRootSigningRequest } from './root-signing.ts'
export {
  RootSigningAnswer,
  RootSigningRequest,
  makeRootSigningRequest,
  readRootSigningRequest,
  signRootKeySetPart,
  signRootSigningAnswer,
  verifyRootSigningAnswer,
} from './root-signing.ts'
export type { HistoricalKeyFault, NodeKeyPurpose } from './key-history.ts'
export {
  HISTORICAL_KEYS_MAX,
  HistoricalKey,
  KEY_HISTORY_BYTES_MAX,
  KeyHistory,
  NODE_KEY_PURPOSES,
  historicalKeyFault,
  readKeyHistory,
  signKeyHistory,
  verifyKeyHistory,
} from './key-history.ts'
export type { KeyEvent } from './key-endorsement.ts'
export {
  KEY_EVENTS,
  KeyEndorsement,
  readKeyEndorsement,
  signKeyEndorsement,
  verifyKeyEndorsement,
} from './key-endorsement.ts'
export type { OpenedKey } from './sealed-key.ts'
export { SEALED_KEY_ITERATIONS, isSealedKey, openSealedKey, sealKey } from './sealed-key.ts'
export type { DecisionSignature, ShownProposal, VerifiedDecisionJws } from './decision.ts'
export {
  Decision,
  decisionHash,
  formatDecision,
  signDecision,
  signShownProposal,
  verifyDecision,
  verifyDecisionSignatures,
} from './decision.ts'
export {
  readSessionProof,
  SESSION_PROOF_LIFETIME_SECONDS_MAX,
  SessionProof,
  signSessionProof,
  verifySessionProof,
} from './session-proof.ts'
export {
  OFFICERS_CHANGE,
  OfficerSet,
  readOfficerSet,
  signOfficerSet,
  thresholdOf,
  verifyOfficerSet,
} from './officer-set.ts'
export type {
  AgreementJws,
  AgreementPart,
  AgreementSignature,
  CheckedAgreement,
  KeysOfParty,
  ReadAgreement,
  VerifiedAgreement,
} from './agreement.ts'
export {
  addAgreementPart,
  agreementHash,
  agreementPayload,
  agreementPayloadFault,
  checkAgreement,
  isComplete,
  readAgreement,
  readAgreementPayload,
  signAgreementPart,
  verifyAgreement,
} from './agreement.ts'
export {
  AGREEMENT_PARTIES_MAX,
  AGREEMENT_PARTIES_MIN,
  AgreementId,
  AgreementParty,
  RESOLUTION_PURPOSE,
  RecognisedPrefixes,
  RecognitionAgreement,
  RecognitionConstraints,
  RecognitionScope,
  agreementFault,
  prefixOverlap,
} from './agreement-terms.ts'
export type { AgreementEventKind } from './agreement-event.ts'
export {
  AGREEMENT_EVENTS,
  AgreementEvent,
  TOWARDS_ALL,
  readAgreementEvent,
  signAgreementEvent,
  verifyAgreementEvent,
} from './agreement-event.ts'
export type { EventFork, SignedEvent } from './agreement-fork.ts'
export { findEventForks } from './agreement-fork.ts'
export type { RoomTaken } from './agreement-room.ts'
export {
  AGREEMENT_EVENTS_BYTES_MAX,
  AGREEMENT_EVENTS_IN_RESERVE,
  AGREEMENT_EVENTS_MAX,
  AGREEMENT_EVENTS_OF_ANY_KIND,
  AGREEMENT_EVENTS_OF_PARTY_MAX,
  eventRoomFault,
} from './agreement-room.ts'
export type { RecognitionState } from './recognition-list.ts'
export {
  RECOGNITION_LIST_BYTES_MAX,
  RECOGNITION_LIST_LIFETIME_SECONDS,
  RECOGNITION_LIST_TTL_SECONDS,
  RECOGNITION_STATES,
  RecognitionEntry,
  RecognitionList,
  readRecognitionList,
  signRecognitionList,
  verifyRecognitionList,
} from './recognition-list.ts'
export type { Scenario, ScenarioTiers } from './scenario.ts'
export {
  FIRST_TIERS,
  FIRST_TIERS_SINCE,
  SCENARIO_NAMES,
  SCENARIO_TIERS,
  SCENARIOS,
  ScenarioName,
  ScenarioTier,
} from './scenario.ts'
export type { ListPage, ListStanding, ListSuccession, ListTrust, WholeList } from './list-page.ts'
export {
  AUTHORITY_LIST_LIFETIME_SECONDS,
  AUTHORITY_LIST_TTL_SECONDS,
  LIST_PAGES_MAX,
  assembleList,
  collectList,
  judgeListSuccession,
  listDigest,
  pageDigest,
} from './list-page.ts'
export type { AdvisoryKind, AdvisorySeverity, AdvisoryState } from './advisory.ts'
export {
  ADVISORIES_A_PAGE,
  ADVISORY_AFFECTED_MAX,
  ADVISORY_BYTES_MAX,
  ADVISORY_CONTENT,
  ADVISORY_KINDS,
  ADVISORY_LIST_BYTES_MAX,
  ADVISORY_SEVERITIES,
  ADVISORY_STATES,
  Advisory,
  AdvisoryAcknowledgement,
  AdvisoryEntry,
  AdvisoryId,
  AdvisoryList,
  LanguageTitle,
  isAffected,
  isConcerned,
  readAdvisory,
  readAdvisoryList,
  signAdvisory,
  signAdvisoryList,
  verifyAdvisory,
  verifyAdvisoryList,
} from './advisory.ts'
export type { CertifierState } from './certifier-list.ts'
export {
  CERTIFIER_CONTENT,
  CERTIFIER_LIST_BYTES_MAX,
  CERTIFIER_STATES,
  CERTIFIERS_A_PAGE,
  CertifierEntry,
  CertifierList,
  CertifierScope,
  certifierFault,
  readCertifierList,
  signCertifierList,
  verifyCertifierList,
} from './certifier-list.ts'
export {
  ScenarioEntry,
  ScenarioTable,
  readScenarioTable,
  signScenarioTable,
  verifyScenarioTable,
} from './scenario-table.ts'
export {
  Figures,
  INDICATORS_TTL_SECONDS,
  Indicators,
  readIndicators,
  signIndicators,
  verifyIndicators,
} from './indicators.ts'
export {
  DIRECTORY_BYTES_MAX,
  DIRECTORY_LIFETIME_SECONDS,
  DIRECTORY_PAGE_ENTRIES_MAX,
  DIRECTORY_TTL_SECONDS,
  DirectoryEntry,
  DirectoryPage,
  directoryDigest,
  directoryHash,
  directoryPageDigest,
  readDirectoryPage,
  signDirectoryPage,
  verifyDirectoryPage,
} from './directory.ts'
export type { ProviderAct } from './provider-entry.ts'
export {
  AdoptedProvider,
  PROVIDER_ACTS,
  ProviderEntry,
  StatusPlace,
  readProviderEntry,
  signProviderEntry,
  verifyProviderEntry,
} from './provider-entry.ts'
