import type { RootPrefix } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import {
  decodeBase64url,
  recordHash,
  signAssignmentRecord,
  type CompactJws,
  type Signer,
} from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { isChoosable, type NumberingPlan } from '../numbering/numbering-plan.ts'
import type { Draw, StatusIndex } from '../numbering/supply.ts'
import {
  insertIdempotencyRows,
  insertLedgerRows,
  insertOutboxRows,
  insertRecords,
  issuerTables,
  lockNames,
  readReplays,
} from './assignment.store.ts'
import { childKey, compareKeys, keyText, subjectOf } from './code-key.ts'
import { assignmentClaims } from './record-claims.ts'
import type { Assigned, Judgement, Outcome, Submission, Tier } from './tier.ts'

/** What a node issues with. */
export interface Issuing {
  readonly ambient: Ambient
  /** The node's own entity identifier: `iss` of its records. */
  readonly entityId: string
  readonly prefix: RootPrefix
  readonly plan: NumberingPlan
  readonly signer: Signer
  /** The address of a status list of this node. */
  statusListUri(list: number): string
}

/**
 * Assigns a code to each request that deserves one, or says why not, within the caller's transaction: lock what
 * is contested, read facts, judge, number, sign, insert. Opens no transaction of its own, so that a root approval
 * and a registration of two levels at once can call it inside theirs. Nothing may be shown before they commit.
 *
 * Outcomes stand in the order of the submissions. A key that another process is using right now fails the
 * transaction (see `isIdempotencyRace`); run it again and it replays.
 */
export async function assignAll<Request, Facts, Tables extends IssuerTables>(
  tx: Transaction<Tables>,
  tier: Tier<Request, Facts, Tables>,
  issuing: Issuing,
  submissions: readonly Submission<Request>[],
  draw: Draw,
): Promise<Outcome[]> {
  const { ambient } = issuing
  const db = issuerTables(tx)
  const requests = submissions.map((submission) => submission.request)
  await lockNames(db, tier.lockKeys(requests))
  ambient.reached('assignment:locked')

  const outcomes = await replayEarlier(tx, tier.operation, issuing.prefix, submissions)

  const fresh = submissions
    .map((submission, nth) => ({ submission, nth }))
    .filter(({ nth }) => !outcomes.has(nth))
  if (fresh.length > 0) {
    const facts = await tier.readFacts(
      tx,
      fresh.map(({ submission }) => submission.request),
    )
    const granted = grantEach(tier, issuing, facts, fresh, draw, outcomes)
    ambient.reached('assignment:judged')
    const signed = await Promise.all(granted.map((grant) => signGrant(grant, issuing)))
    ambient.reached('assignment:signed')
    await writeAll(tx, tier, issuing, signed, outcomes)
    ambient.reached('assignment:written')
  }
  return submissions.map((_, nth) => outcomes.get(nth) ?? unjudged())
}

interface Grant<Request> {
  readonly nth: number
  readonly submission: Submission<Request>
  readonly judgement: Extract<Judgement, { kind: 'assign' }>
  readonly key: ReturnType<typeof childKey>
  readonly status: StatusIndex
  readonly issuedAt: Date
}

/** Judges each request on its own and against those granted before it, and gives it its number. */
function grantEach<Request, Facts, Tables extends IssuerTables>(
  tier: Tier<Request, Facts, Tables>,
  issuing: Issuing,
  facts: Facts,
  fresh: readonly { submission: Submission<Request>; nth: number }[],
  draw: Draw,
  outcomes: Map<number, Outcome>,
): Grant<Request>[] {
  const granted: Grant<Request>[] = []
  const earlier: Request[] = []
  const taken = new Set<string>()
  for (const { submission, nth } of fresh) {
    const judgement = tier.judge(submission.request, facts, earlier)
    if (judgement.kind === 'refuse') {
      const { because, detail, extra = {} } = judgement
      outcomes.set(nth, { kind: 'refused', error: new RegistryError(because, detail, { extra }) })
      continue
    }
    const refusal = wishRefusal(judgement, tier.level, issuing)
    const number = refusal === undefined ? (judgement.wish ?? draw.number()) : undefined
    if (number === undefined) {
      const exhausted = new RegistryError('numbering-exhausted', `No number is left at level ${tier.level}`)
      outcomes.set(nth, { kind: 'refused', error: refusal ?? exhausted })
      continue
    }
    const key = childKey(judgement.parent, tier.level, number)
    if (taken.has(keyText(key))) {
      outcomes.set(nth, codeTaken(key, issuing.prefix))
      continue
    }
    taken.add(keyText(key))
    earlier.push(submission.request)
    granted.push({ nth, submission, judgement, key, status: draw.status(), issuedAt: issuing.ambient.now() })
  }
  return granted.toSorted((a, b) => compareKeys(a.key, b.key))
}

function wishRefusal(
  judgement: Extract<Judgement, { kind: 'assign' }>,
  level: Tier<unknown, unknown, IssuerTables>['level'],
  issuing: Issuing,
): RegistryError | undefined {
  const { wish } = judgement
  if (wish === undefined || isChoosable(issuing.plan, level, wish)) return undefined
  return new RegistryError(
    'number-out-of-plan',
    `Numbers at level ${level} can be chosen only from the plan's ranges`,
    {
      extra: { clause: '5.6 a' },
    },
  )
}

interface SignedGrant<Request> extends Grant<Request> {
  readonly assigned: Assigned<Request>
}

async function signGrant<Request>(grant: Grant<Request>, issuing: Issuing): Promise<SignedGrant<Request>> {
  const { key, status, issuedAt, judgement, submission } = grant
  const subject = subjectOf(key, issuing.prefix)
  const record = await signAssignmentRecord(
    issuing.signer,
    assignmentClaims({
      subject,
      iss: issuing.entityId,
      iat: numericDate(issuedAt),
      jti: issuing.ambient.newId(),
      status: { uri: issuing.statusListUri(status.list), idx: status.index },
      extra: judgement.extra ?? {},
    }),
  )
  const hash = await hashBytes(record)
  return { ...grant, assigned: { request: submission.request, subject, key, record, hash, issuedAt, status } }
}

/** Everything of the batch in multi-row statements, in key order; a key that is taken fails alone. */
async function writeAll<Request, Facts, Tables extends IssuerTables>(
  tx: Transaction<Tables>,
  tier: Tier<Request, Facts, Tables>,
  issuing: Issuing,
  signed: readonly SignedGrant<Request>[],
  outcomes: Map<number, Outcome>,
): Promise<void> {
  if (signed.length === 0) return
  const db = issuerTables(tx)
  const now = issuing.ambient.now()
  const free = new Set(
    (
      await insertLedgerRows(
        db,
        signed.map(({ key }) => key),
        now,
      )
    ).map(keyText),
  )
  const won = signed.filter(({ key }) => free.has(keyText(key)))
  for (const { nth, key } of signed.filter(({ key: lost }) => !free.has(keyText(lost)))) {
    outcomes.set(nth, codeTaken(key, issuing.prefix))
  }
  if (won.length === 0) return
  const rows = won.map(({ assigned: { key, hash, record, issuedAt, status } }) => {
    return { key, hash, jws: record, issuedAt, status, outboxId: issuing.ambient.newId() }
  })
  await insertRecords(db, rows)
  await insertIdempotencyRows(db, tier.operation, won, now)
  await insertOutboxRows(db, rows)
  await tier.insert(
    tx,
    won.map(({ assigned }) => assigned),
  )
  for (const { nth, assigned } of won) {
    outcomes.set(nth, {
      kind: 'assigned',
      subject: assigned.subject,
      record: assigned.record,
      replayed: false,
    })
  }
}

/**
 * Finds which submissions were made before under the same key, and what they got: by their place in `submissions`.
 * A key that stood for another request is a refusal.
 */
export async function replayEarlier<Tables extends IssuerTables>(
  tx: Transaction<Tables>,
  operation: string,
  prefix: RootPrefix,
  submissions: readonly Submission<unknown>[],
): Promise<Map<number, Outcome>> {
  const replays = await readReplays(issuerTables(tx), operation, submissions)
  return new Map(
    replays.map((replay) => [replay.nth, replayOutcome(replay, submissions[replay.nth], prefix)]),
  )
}

function replayOutcome(
  replay: { bodyHash: Uint8Array; key: ReturnType<typeof childKey>; jws: CompactJws },
  submission: Submission<unknown> | undefined,
  prefix: RootPrefix,
): Outcome {
  if (submission === undefined || !Buffer.from(replay.bodyHash).equals(submission.idempotency.bodyHash)) {
    return { kind: 'refused', error: keyReused() }
  }
  return { kind: 'assigned', subject: subjectOf(replay.key, prefix), record: replay.jws, replayed: true }
}

/** The refusal of a key that was used for another request. */
export function keyReused(): RegistryError {
  return new RegistryError('idempotency-key-reused', 'This Idempotency-Key stands for another request')
}

function codeTaken(key: ReturnType<typeof childKey>, prefix: RootPrefix): Outcome {
  const { text } = subjectOf(key, prefix)
  const detail = `${text} is assigned; a code is never assigned twice`
  return {
    kind: 'refused',
    error: new RegistryError('code-taken', detail, { extra: { subject: text, clause: '6 d' } }),
  }
}

async function hashBytes(record: CompactJws): Promise<Uint8Array> {
  const bytes = decodeBase64url(await recordHash(record))
  if (bytes === undefined) throw new Error('A record hash that we made is not base64url')
  return bytes
}

function unjudged(): never {
  throw new Error('A submission was neither granted nor refused')
}

/**
 * True when a statement failed because the same Idempotency-Key was committed by another process meanwhile.
 * The table is partitioned, so PostgreSQL names the partition's index.
 */
export function isIdempotencyRace(error: unknown): boolean {
  return (
    error instanceof Error &&
    'constraint' in error &&
    typeof error.constraint === 'string' &&
    /^idempotency_(\d+_)?pkey$/.test(error.constraint)
  )
}
