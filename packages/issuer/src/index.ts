export { assignAll } from './assignment/assign-all.ts'
export { acknowledge } from './assignment/acknowledge.ts'
export {
  createBatchAssigner,
  type AssignBatch,
  type AssigningParts,
  type Settled,
} from './assignment/assign-batch.ts'
export type { Issuing } from './assignment/issuing.ts'
export { replayEarlier } from './assignment/replay.ts'
export { issuerTables, lockNames, readStoredRecord } from './assignment/assignment.store.ts'
export { createAssigner, type AssignOne } from './assignment/assign-one.ts'
export { coalesce, type CoalesceBounds } from './coalescing/coalesce.ts'
export { readWish } from './assignment/read-wish.ts'
export { codeKeyOf, subjectOf, type CodeKey } from './assignment/code-key.ts'
export type { Assigned, Judgement, Outcome, RecordExtra, Submission, Tier } from './assignment/tier.ts'
export {
  AssignmentAnswer,
  ASSIGNING_PROBLEMS,
  IdempotencyHeader,
  Reason,
  replayHeader,
} from './http/assignment-answer.ts'
export { BUSINESS_TYPE_MEMBER, BusinessTypeName } from './http/range-name.ts'
export { auditRoutes, type ReadAuditPage } from './audit/audit.route.ts'
export type { AuditEntry } from './audit/audit-entry.ts'
export { insertAuditEntry, readAuditEntries } from './audit/audit.store.ts'
export { ageSeconds } from './figures/node-figures.ts'
export { ISSUER_MIGRATIONS } from './db/migrations/index.ts'
export type { IssuerTables } from './db/tables.ts'
export { createSelfDescription, entityConfigurationRoutes } from './federation/entity-configuration.route.ts'
export { jitterOf } from './federation/jitter.ts'
export { reuseStatement, type ReuseOptions } from './federation/reused-statement.ts'
export { activateKey } from './keys/activate-key.ts'
export { announceKey } from './keys/announce-key.ts'
export { compromiseKey } from './keys/compromise-key.ts'
export { createFileKeyDriver } from './keys/file-key-driver.ts'
export type { HeldKey, KeyDriver, KeyDrivers } from './keys/key-driver.ts'
export type { KeyCommandOptions, StatedQuestion } from './keys/key-commands.ts'
export { loadFederationSigner } from './keys/federation-signer.ts'
export { keyFileName, loadKeyFiles, type KeyFolder } from './keys/key-files.ts'
export { createKeyHistory, type KeyHistoryParts } from './keys/key-history.ts'
export { KEY_HISTORY_PATH, keyHistoryRoutes } from './keys/key-history.route.ts'
export type { KeyActor, KeyLog, KeyParts } from './keys/key-parts.ts'
export { KEY_OVERLAP_SECONDS, KEY_SETTLE_SECONDS, type KeyState, type NodeKey } from './keys/key.ts'
export {
  insertEndorsement,
  lockKeys,
  readConfirmation,
  readKeys,
  readUnconfirmed,
  updateKey,
  type StoredEndorsement,
} from './keys/key.store.ts'
export { readKeyPassphrase } from './keys/key-passphrase.ts'
export { openKeyRing, type LiveKeyRing } from './keys/open-key-ring.ts'
export { prepareReplacement } from './keys/prepare-replacement.ts'
export { replaceFederationKey, type StatedKeys } from './keys/replace-federation-key.ts'
export { retireKey } from './keys/retire-key.ts'
export {
  openTokenDriver,
  readTokenSettings,
  type LoadTokenDrivers,
  type TokenDriver,
  type TokenSettings,
} from './keys/token-driver.ts'
export { openStoredKeyLog } from './keys/stored-key-log.ts'
export type { NumberingDesk } from './numbering/change-plan.ts'
export {
  isChoosable,
  type NumberingPlan,
  type NumberingRange,
  type RangeKind,
} from './numbering/numbering-plan.ts'
export { numberingRoutes } from './numbering/numbering.route.ts'
export { readNumberingPlan, readVersionedPlan } from './numbering/numbering.store.ts'
export { watchPlan, type PlanWatch } from './numbering/watch-plan.ts'
export type { Journal } from './journal/journal.ts'
export { openJournal, type OpenJournal } from './journal/open-journal.ts'
export type { WriteGate, WriteMode } from './journal/write-gate.ts'
export { findLoss, type Loss } from './restore/loss.store.ts'
export { openWriteGate, type GuardedJournal } from './restore/open-write-gate.ts'
export {
  createSupply,
  type Draw,
  type LeaseKeeping,
  type StatusIndex,
  type Supply,
  type Wanted,
} from './numbering/supply.ts'
export { verifyStoredTree, verifyWholeTree, type StoredTree, type TreeCheck } from './log/check-tree.ts'
export { countCosigners } from './log/cosigners.ts'
export type { LogHead, WitnessedHead } from './log/log-head.ts'
export { keepTermEnds, type ServedTerm } from './log/ended-terms.ts'
export { createLogNamer, isPublicName, type Disclosure, type LogNamer } from './log/log-name.ts'
export { createNodeLog, type KeptCheckpoint, type NodeLog, type NodeLogParts } from './log/node-log.ts'
export type { ProofOptions } from './log/proof-options.ts'
export { changeRoutes } from './feed/change.route.ts'
export type { FeedLog } from './feed/change-lines.ts'
export { createFeed, type ChangePage, type Feed, type FeedParts } from './feed/feed.ts'
export { SEGMENT_SIZES, type SegmentSizes } from './feed/feed-limits.ts'
export { snapshotRoutes } from './feed/snapshot.route.ts'
export { tlogRoutes, type TlogDoor } from './log/tlog.route.ts'
export { createOperators, type NewOperator, type OperatorWithToken } from './operators/create-operator.ts'
export { createTokenFinder, type ReadPrincipal } from './operators/find-token-holder.ts'
export { issueApiToken, issueCredential } from './operators/issue-api-token.ts'
export { insertCandidate, operatorObject, takeCandidate } from './operators/candidate.store.ts'
export { operatorDeskRoutes } from './operators/operator-desk.route.ts'
export { SESSION_RATE } from './operators/desk-session.route.ts'
export type { OperatorDesk } from './operators/operator-desk.ts'
export {
  insertOperator,
  lockOperator,
  readKeyIds,
  readOperator,
  setOperatorDisabled,
  type Operator,
} from './operators/operator.store.ts'
export { revokeHeldTokens, revokeSessionsOfKeys } from './operators/token.store.ts'
export type { Decided, VerifiedDecision } from './officers/decided.ts'
export { openDecisionBook, type DecisionBook, type KnownOfficerSet } from './officers/decision-book.ts'
export { enrolOfficers, type Enrolment } from './officers/enrol-officers.ts'
export {
  insertOfficerKey,
  insertOfficerSet,
  readDecisionByHash,
  readSignatures,
} from './officers/officer.store.ts'
export { OFFICERS_CHANGE } from './officers/officers-change.ts'
export { readOwnKey } from './operators/session.store.ts'
export {
  approveProposal,
  decisionOf,
  demandAtDesk,
  lockDesk,
  rejectProposal,
  signProposal,
  withdrawProposal,
  type Approval,
  type DecidingParts,
  type OfficerWord,
} from './proposals/decide-proposal.ts'
export type { Proposal, Vote } from './proposals/proposal.ts'
export {
  closeProposal,
  expirePending,
  lockClaimants,
  readProposal,
  readProposals,
  releaseObjects,
} from './proposals/proposal.store.ts'
export { propose, PROPOSAL_DAYS_MAX } from './proposals/propose.ts'
export { voidProposals, voidProposalsBy } from './proposals/void-proposals.ts'
export {
  answerCode,
  readOwnSubject,
  signLiveAnswer,
  type CodeAnswer,
  type CodeAuthority,
} from './resolution/answer-code.ts'
export { codeRoutes, type CodeDoor } from './resolution/code.route.ts'
export type { Standing } from './resolution/standing.ts'
export { codeHistoryRoutes } from './resolution/history.route.ts'
export { expressBundle, type BundleDoor } from './resolution/express-bundle.ts'
export { expressProof } from './resolution/express-proof.ts'
export { expressRecord } from './resolution/express-record.ts'
export { createRecordParts, type RecordPart, type RecordParts } from './resolution/record-parts.ts'
export type { AnsweringLog, LogStanding } from './resolution/answering-log.ts'
export { collectEvidence, statusListUriOf, type EvidenceAbove } from './resolution/collect-evidence.ts'
export { readDoubledPlaces, readOverdrawnLists } from './status/doubled-place.store.ts'
export type { JudgeEntries, SetEntry } from './status/kept-list.ts'
export {
  setDocumentStatus,
  setStatus,
  setStatusMany,
  type DocumentStatus,
  type StatusChange,
} from './status/set-status.ts'
export { keepPublishing } from './status/publish-loop.ts'
export { createStatusLists, type SignStatusList, type StatusLists } from './status/status-lists.ts'
export { statusRoutes, type StatusDoor } from './status/status.route.ts'
export { type WatchedLog, type WitnessDoor } from './witness/add-checkpoint.ts'
export {
  createWitnessAsker,
  type AskWitness,
  type WitnessAddress,
  type WitnessAnswer,
} from './witness/ask-witness.ts'
export {
  cosigningVkey,
  createCosigner,
  createLogSigner,
  logOrigin,
  logUrl,
  logVkey,
  ownLogMetadata,
  witnessUrl,
} from './witness/log-identity.ts'
export { judgeOwnLog, witnessesOf, type LogJudgement } from './witness/own-log.ts'
export { CHECKPOINT_RATE, witnessRoutes } from './witness/witness.route.ts'
export { queueEntries } from './log/log-queue.store.ts'
export { openIssuingNode, type IssuingNode, type IssuingNodeOptions } from './node/issuing-node.ts'
export { issuingNodeRoutes } from './node/issuing-node.route.ts'
export { openNodeBase, type NodeBase, type NodeBaseOptions } from './node/node-base.ts'
export { runNodeCommand, type NodeCommand } from './node/node-command.ts'
