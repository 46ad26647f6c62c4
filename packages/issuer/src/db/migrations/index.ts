import type { MigrationOwner } from '@arc3088/db'

import { codeLedger } from './20261122T090000-code-ledger.ts'
import { numbering } from './20261122T090100-numbering.ts'
import { idempotencyAndOutbox } from './20261122T090200-idempotency-outbox.ts'
import { operatorsAndProposals } from './20261122T090300-operators-proposals.ts'
import { logQueue } from './20261122T180000-log-queue.ts'
import { leanAssignment } from './20261122T180100-lean-assignment.ts'
import { transparencyLog } from './20261122T190000-log.ts'
import { witness } from './20261122T190100-witness.ts'
import { statusChanges } from './20261122T190200-status-changes.ts'
import { keys } from './20261122T190300-keys.ts'
import { numberingPlans } from './20261122T190400-numbering-plans.ts'
import { feed } from './20261122T190500-feed.ts'
import { decisions } from './20261122T210000-decisions.ts'
import { tokensAndSessions } from './20261122T216000-tokens-sessions.ts'
import { officerSetByHash } from './20261122T219000-officer-set-by-hash.ts'
import { logAsItIs } from './20261123T020000-log-as-it-is.ts'
import { keyReplacements } from './20261123T030000-key-replacements.ts'

/** The tables of every issuing node, oldest first. An app's own migrations run after these. */
export const ISSUER_MIGRATIONS: MigrationOwner = {
  owner: 'issuer',
  migrations: {
    '20261122T090000-code-ledger': codeLedger,
    '20261122T090100-numbering': numbering,
    '20261122T090200-idempotency-outbox': idempotencyAndOutbox,
    '20261122T090300-operators-proposals': operatorsAndProposals,
    '20261122T180000-log-queue': logQueue,
    '20261122T180100-lean-assignment': leanAssignment,
    '20261122T190000-log': transparencyLog,
    '20261122T190100-witness': witness,
    '20261122T190200-status-changes': statusChanges,
    '20261122T190300-keys': keys,
    '20261122T190400-numbering-plans': numberingPlans,
    '20261122T190500-feed': feed,
    '20261122T210000-decisions': decisions,
    '20261122T216000-tokens-sessions': tokensAndSessions,
    '20261122T219000-officer-set-by-hash': officerSetByHash,
    '20261123T020000-log-as-it-is': logAsItIs,
    '20261123T030000-key-replacements': keyReplacements,
  },
}
