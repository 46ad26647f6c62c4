export { assignAll, type Issuing } from './assignment/assign-all.ts'
export {
  insertLedgerRows,
  issuerTables,
  lockNames,
  readReplays,
  readStoredRecord,
  type StoredRecord,
} from './assignment/assignment.store.ts'
export { coalesce, type AssignOne } from './assignment/coalesce.ts'
export { codeKeyOf, subjectOf, type CodeKey } from './assignment/code-key.ts'
export type { Assigned, Judgement, Outcome, RecordExtra, Submission, Tier } from './assignment/tier.ts'
export { insertAuditEntry, readAuditEntries, type AuditEntry } from './audit/audit.store.ts'
export { ISSUER_MIGRATIONS } from './db/migrations/index.ts'
export type { IssuerTables } from './db/tables.ts'
export { createSelfDescription, entityConfigurationRoutes } from './federation/entity-configuration.route.ts'
export { reuseStatement } from './federation/reused-statement.ts'
export { keyFileName, loadKeyFiles } from './keys/key-files.ts'
export { insertNumberingRange, readNumberingPlan } from './numbering/numbering.store.ts'
export {
  isChoosable,
  type NumberingPlan,
  type NumberingRange,
  type RangeKind,
} from './numbering/numbering-plan.ts'
export { SCRAMBLE_KEY_BYTES } from './numbering/scramble.ts'
export { createSupply, type Draw, type StatusIndex, type Supply } from './numbering/supply.ts'
export { createOperators, type NewOperator, type OperatorWithToken } from './operators/create-operator.ts'
export { createTokenFinder, type ReadPrincipal } from './operators/find-token-holder.ts'
export { issueApiToken } from './operators/issue-api-token.ts'
export { decideProposal } from './proposals/decide-proposal.ts'
export type { Proposal, Vote } from './proposals/proposal.ts'
export { readProposals } from './proposals/proposal.store.ts'
export { propose, PROPOSAL_DAYS_MAX } from './proposals/propose.ts'
export { answerCode, signLiveAnswer, type CodeAnswer, type CodeAuthority } from './resolution/answer-code.ts'
export { codeRoutes, type CodeDoor } from './resolution/code.route.ts'
export { collectEvidence, statusListUriOf, type EvidenceAbove } from './resolution/collect-evidence.ts'
export { createStatusListSigner, type SignStatusList } from './status/sign-status-list.ts'
export { readStatusListNumbers } from './status/status-list.store.ts'
export { statusRoutes, type StatusDoor } from './status/status.route.ts'
