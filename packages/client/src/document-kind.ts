import {
  ADVISORY_LIST_BYTES_MAX,
  AGREEMENT_EVENTS_BYTES_MAX,
  KEY_HISTORY_BYTES_MAX,
  MEDIA_TYPE,
  RECOGNITION_LIST_BYTES_MAX,
  RESOLUTION_ANSWER_BYTES_MAX,
  STATEMENT_BYTES_MAX,
  STATUS_TOKEN_BYTES_MAX,
  readAdvisoryList,
  readAssignmentRecord,
  readEntityConfiguration,
  readRecognitionList,
  readResolutionAnswer,
  readRootKeySet,
  readStatusListToken,
  readSubordinateStatement,
} from '@arc3088/records'

import { readAgreementHistory, readAgreementJws } from './agreement-parts.ts'
import { readKeySets } from './key-sets.ts'

/** What is fetched from nodes. */
export type DocumentKind =
  | 'key-sets'
  | 'configuration'
  | 'statement'
  | 'code'
  | 'status-list'
  | 'log-proof'
  | 'live-answer'
  | 'key-history'
  | 'recognition-list'
  | 'agreement'
  | 'agreement-events'
  | 'advisory-list'

/** What a document says of its own life, as seen before anything is verified. */
export interface StatedLife {
  /** NumericDate; absent where the document never expires. */
  readonly exp?: number
  /** Seconds for which a status may be kept (W7). */
  readonly ttl?: number
  /** True of what can never change once signed (W3). */
  readonly immutable?: boolean
}

interface KindRules {
  readonly accept: string
  readonly bytesMax: number
  /** How a usable answer looks: HTTP status and media type, and what the document says of its life. */
  readonly answers: readonly {
    readonly status: number
    readonly mediaType: string
    /** Undefined where the text is not such a document; then it is judged by the verifier and never kept. */
    life(body: string): StatedLife | undefined
  }[]
}

const KEY_SETS_BYTES_MAX = 4 * STATEMENT_BYTES_MAX
const LOG_PROOF_MEDIA_TYPE = 'text/plain'
const PROBLEM_MEDIA_TYPE = 'application/problem+json'
/** A note of sixteen signatures, sixty-three hashes and an entry are far below it. */
const LOG_PROOF_BYTES_MAX = 16_384
/** A key that is compromised must be known to be so soon. */
const KEY_HISTORY_FRESH_SECONDS = 300

const JSON_MEDIA_TYPE = 'application/json'
/** Sixteen signatures and the terms that they are over. */
const AGREEMENT_BYTES_MAX = 4 * STATEMENT_BYTES_MAX
/** All events that parties may make, and their key sets. */
const AGREEMENT_HISTORY_BYTES_MAX = AGREEMENT_EVENTS_BYTES_MAX + 1_048_576
/** As long as the list that refers to them: a suspension must be seen as soon. */
const AGREEMENT_EVENTS_FRESH_SECONDS = 60

type LifeReading = { kind: 'read'; claims: { exp: number; ttl?: number } } | { kind: 'rejected' }

function lifeOf(reading: LifeReading): StatedLife | undefined {
  if (reading.kind === 'rejected') return undefined
  const { exp, ttl } = reading.claims
  return ttl === undefined ? { exp } : { exp, ttl }
}

function keySetsLife(body: string): StatedLife | undefined {
  const newest = readKeySets(body)?.at(-1)
  return newest === undefined ? undefined : lifeOf(readRootKeySet(newest))
}

function recordLife(body: string): StatedLife | undefined {
  const reading = readAssignmentRecord(body)
  if (reading.kind === 'rejected') return undefined
  const { exp } = reading.claims
  return exp === undefined ? { immutable: true } : { immutable: true, exp }
}

/** What all have signed does not change; whether it is what the list names, its hash tells. */
function agreementLife(body: string): StatedLife | undefined {
  return readAgreementJws(body) === undefined ? undefined : { immutable: true }
}

/** How each kind is asked for (W1, W2, W3, W5, W7, W9, W10), bounded as in the wire format, "Outbound fetches". */
export const DOCUMENT_KINDS: Readonly<Record<DocumentKind, KindRules>> = {
  'key-sets': {
    accept: MEDIA_TYPE.rootKeySet,
    bytesMax: KEY_SETS_BYTES_MAX,
    answers: [{ status: 200, mediaType: MEDIA_TYPE.rootKeySet, life: keySetsLife }],
  },
  configuration: {
    accept: MEDIA_TYPE.entityStatement,
    bytesMax: STATEMENT_BYTES_MAX,
    answers: [
      {
        status: 200,
        mediaType: MEDIA_TYPE.entityStatement,
        life: (body) => lifeOf(readEntityConfiguration(body)),
      },
    ],
  },
  statement: {
    accept: MEDIA_TYPE.entityStatement,
    bytesMax: STATEMENT_BYTES_MAX,
    answers: [
      {
        status: 200,
        mediaType: MEDIA_TYPE.entityStatement,
        life: (body) => lifeOf(readSubordinateStatement(body)),
      },
    ],
  },
  code: {
    accept: `${MEDIA_TYPE.assignmentRecord}, ${MEDIA_TYPE.resolutionAnswer};q=0.5`,
    bytesMax: STATEMENT_BYTES_MAX,
    answers: [
      { status: 200, mediaType: MEDIA_TYPE.assignmentRecord, life: recordLife },
      // The signed negative: the one answer by which a node says that it never assigned the code (W5).
      {
        status: 404,
        mediaType: MEDIA_TYPE.resolutionAnswer,
        life: (body) => lifeOf(readResolutionAnswer(body)),
      },
    ],
  },
  'log-proof': {
    accept: LOG_PROOF_MEDIA_TYPE,
    bytesMax: LOG_PROOF_BYTES_MAX,
    answers: [
      // A proof stays true for ever; whether it suffices is the verifier's business.
      { status: 200, mediaType: LOG_PROOF_MEDIA_TYPE, life: () => ({ immutable: true }) },
      // `log-proof-pending`: soon there is one, so this is never kept.
      { status: 404, mediaType: PROBLEM_MEDIA_TYPE, life: () => undefined },
    ],
  },
  'live-answer': {
    accept: MEDIA_TYPE.resolutionAnswer,
    bytesMax: RESOLUTION_ANSWER_BYTES_MAX,
    answers: [200, 404].map((status) => ({
      status,
      mediaType: MEDIA_TYPE.resolutionAnswer,
      // What is asked for because something is young, or past, is asked for every time.
      life: () => undefined,
    })),
  },
  'key-history': {
    accept: MEDIA_TYPE.keyHistory,
    bytesMax: KEY_HISTORY_BYTES_MAX,
    answers: [
      { status: 200, mediaType: MEDIA_TYPE.keyHistory, life: () => ({ ttl: KEY_HISTORY_FRESH_SECONDS }) },
    ],
  },
  'recognition-list': {
    accept: MEDIA_TYPE.recognitionList,
    bytesMax: RECOGNITION_LIST_BYTES_MAX,
    answers: [
      {
        status: 200,
        mediaType: MEDIA_TYPE.recognitionList,
        life: (body) => lifeOf(readRecognitionList(body)),
      },
    ],
  },
  'advisory-list': {
    accept: MEDIA_TYPE.advisoryList,
    bytesMax: ADVISORY_LIST_BYTES_MAX,
    answers: [
      { status: 200, mediaType: MEDIA_TYPE.advisoryList, life: (body) => lifeOf(readAdvisoryList(body)) },
    ],
  },
  agreement: {
    accept: MEDIA_TYPE.generalJws,
    bytesMax: AGREEMENT_BYTES_MAX,
    answers: [{ status: 200, mediaType: MEDIA_TYPE.generalJws, life: agreementLife }],
  },
  'agreement-events': {
    accept: JSON_MEDIA_TYPE,
    bytesMax: AGREEMENT_HISTORY_BYTES_MAX,
    answers: [
      {
        status: 200,
        mediaType: JSON_MEDIA_TYPE,
        life: (body) =>
          readAgreementHistory(body) === undefined ? undefined : { ttl: AGREEMENT_EVENTS_FRESH_SECONDS },
      },
    ],
  },
  'status-list': {
    accept: MEDIA_TYPE.statusListToken,
    bytesMax: STATUS_TOKEN_BYTES_MAX,
    answers: [
      {
        status: 200,
        mediaType: MEDIA_TYPE.statusListToken,
        life: (body) => lifeOf(readStatusListToken(body)),
      },
    ],
  },
}
