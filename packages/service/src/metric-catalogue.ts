/** Which programs tell a figure. */
export type MetricTeller = 'root' | 'provider' | 'resolver'

/** A figure as `/metrics` tells it. */
export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly tellers: readonly MetricTeller[]
  readonly labels?: readonly string[]
}

const EVERY = ['root', 'provider', 'resolver'] as const
const ISSUING = ['root', 'provider'] as const
const ROOT = ['root'] as const
const PROVIDER = ['provider'] as const

/**
 * Every figure of every node, in one place: the name ends in its unit, and nothing is told that is not here. An age is of
 * what waits, and 0 where nothing does; an instant is in seconds since 1970, and left out where there is none.
 */
export const METRICS = {
  arc3088_http_requests_total: {
    kind: 'counter',
    help: 'Requests answered, by method and status class',
    tellers: EVERY,
    labels: ['method', 'status'],
  },
  arc3088_http_request_seconds: { kind: 'histogram', help: 'Time from request to answer', tellers: EVERY },
  arc3088_metric_source_up: {
    kind: 'gauge',
    help: '0 where a source of figures failed or took too long; what it tells is left out then',
    tellers: EVERY,
    labels: ['source'],
  },
  arc3088_read_only: { kind: 'gauge', help: '1 while the node reads and does not write', tellers: ISSUING },
  arc3088_journal_writable: {
    kind: 'gauge',
    help: '0 once a write to the journal failed: the node only reads until it is started again',
    tellers: ISSUING,
  },
  arc3088_journal_free_bytes: {
    kind: 'gauge',
    help: 'Free room on the disk of the journal',
    tellers: ISSUING,
  },
  arc3088_log_queue_transactions: {
    kind: 'gauge',
    help: 'Transactions whose entries the log has not taken yet, counted up to 100000',
    tellers: ISSUING,
  },
  arc3088_log_queue_oldest_age_seconds: {
    kind: 'gauge',
    help: 'How long the oldest of them has waited; 0 where none waits',
    tellers: ISSUING,
  },
  arc3088_log_term: {
    kind: 'gauge',
    help: 'Grows each time that a process begins to lead the log',
    tellers: ISSUING,
  },
  arc3088_log_size_entries: { kind: 'gauge', help: 'Entries appended to the log', tellers: ISSUING },
  arc3088_log_published_entries: {
    kind: 'gauge',
    help: 'Entries under the newest checkpoint that is in the journal and shown',
    tellers: ISSUING,
  },
  arc3088_log_witnessed_entries: {
    kind: 'gauge',
    help: 'Entries under the newest checkpoint that reached its quorum',
    tellers: ISSUING,
  },
  arc3088_log_checkpoint_age_seconds: {
    kind: 'gauge',
    help: 'Age of the newest checkpoint; it grows while nothing is assigned',
    tellers: ISSUING,
  },
  arc3088_log_witnessed_age_seconds: {
    kind: 'gauge',
    help: 'Age of the newest checkpoint that reached its quorum; it grows while nothing is assigned',
    tellers: ISSUING,
  },
  arc3088_log_unwitnessed_age_seconds: {
    kind: 'gauge',
    help: 'How long a shown checkpoint has waited for its quorum; 0 where none waits, or none is needed',
    tellers: ISSUING,
  },
  arc3088_log_quorum_witnesses: {
    kind: 'gauge',
    help: 'Cosignatures that a checkpoint of this log needs now',
    tellers: ISSUING,
  },
  arc3088_witness_cosigned_age_seconds: {
    kind: 'gauge',
    help: 'Time since a witness last cosigned; told by the process that leads the log, which asks only for what is new',
    tellers: ISSUING,
    labels: ['witness'],
  },
  arc3088_witness_silent_seconds: {
    kind: 'gauge',
    help: 'For how long a witness has refused or not answered what it was asked; 0 after it answered',
    tellers: ISSUING,
    labels: ['witness'],
  },
  arc3088_witnessed_forks: {
    kind: 'gauge',
    help: 'Forks of others’ logs that this node has seen as a witness; the evidence is in fork_evidence',
    tellers: ISSUING,
  },
  arc3088_feed_lag_changes: {
    kind: 'gauge',
    help: 'Entries appended to the log that the feed of this process does not show yet',
    tellers: ISSUING,
  },
  arc3088_feed_snapshot_lag_changes: {
    kind: 'gauge',
    help: 'Changes that the feed shows and no snapshot holds yet; below 1024 where all is well',
    tellers: ISSUING,
  },
  arc3088_status_lists_dirty: {
    kind: 'gauge',
    help: 'Status lists in memory that changed and are not signed again yet',
    tellers: ISSUING,
  },
  arc3088_status_dirty_oldest_age_seconds: {
    kind: 'gauge',
    help: 'For how long some list has waited to be signed again; 0 where none does',
    tellers: ISSUING,
  },
  arc3088_status_known_age_seconds: {
    kind: 'gauge',
    help: 'Age of what this process knows of the changes of status in the database',
    tellers: ISSUING,
  },
  arc3088_range_size_numbers: {
    kind: 'gauge',
    help: 'Numbers of an open range of the plan',
    tellers: ISSUING,
    labels: ['level', 'range'],
  },
  arc3088_range_left_numbers: {
    kind: 'gauge',
    help: 'Numbers of an open range that no process has leased',
    tellers: ISSUING,
    labels: ['level', 'range'],
  },
  arc3088_range_exhausted_timestamp_seconds: {
    kind: 'gauge',
    help: 'When an open range is used up at the pace of seven days; left out where that cannot be foreseen',
    tellers: ISSUING,
    labels: ['level', 'range'],
  },
  arc3088_lease_left_numbers: {
    kind: 'gauge',
    help: 'Numbers that this process has leased and not used; it leases more by itself',
    tellers: ISSUING,
    labels: ['level', 'business_type'],
  },
  arc3088_appointment_good: {
    kind: 'gauge',
    help: '1 while the word of the root lets this provider assign codes',
    tellers: PROVIDER,
  },
  arc3088_appointment_verified_age_seconds: {
    kind: 'gauge',
    help: 'Time since the word of the root was last had and found good',
    tellers: PROVIDER,
  },
  arc3088_statement_expires_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the statement of the root about this provider ends: from then on it assigns nothing',
    tellers: PROVIDER,
  },
  arc3088_endorsements_waiting: {
    kind: 'gauge',
    help: 'Steps of keys that the root has not confirmed',
    tellers: PROVIDER,
  },
  arc3088_endorsement_oldest_age_seconds: {
    kind: 'gauge',
    help: 'How long the oldest of them has waited; 0 where none waits',
    tellers: PROVIDER,
  },
  arc3088_root_key_set_expires_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the newest root key set ends: from then on nobody verifies anything below it',
    tellers: ROOT,
  },
  arc3088_decisions_unproven: {
    kind: 'gauge',
    help: 'Decisions in the database that the officers’ signatures do not bear out; nothing follows from them',
    tellers: ROOT,
  },
  arc3088_proposals_pending: {
    kind: 'gauge',
    help: 'Proposals that officers have not decided',
    tellers: ROOT,
  },
  arc3088_proposal_expires_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the first of the pending proposals expires; left out where none is pending',
    tellers: ROOT,
  },
  arc3088_deliveries_waiting: {
    kind: 'gauge',
    help: 'What other roots have to be told of agreements and have not acknowledged',
    tellers: ROOT,
  },
  arc3088_delivery_oldest_age_seconds: {
    kind: 'gauge',
    help: 'How long the oldest of them has waited; 0 where none waits',
    tellers: ROOT,
  },
  arc3088_anchor_troubles: {
    kind: 'gauge',
    help: 'Reasons for which the pinned root is of no use to this resolver now',
    tellers: ['resolver'],
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>

/** The name of a declared figure. */
export type MetricName = keyof typeof METRICS

/** The name of a figure that goes up and down. */
export type GaugeName = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends 'gauge' ? Name : never
}[MetricName]
