import { hash as hashOf } from 'node:crypto'

import type { Level } from '@arc3088/codec'
import { signMadeAssignmentRecord, type CompactJws, type LogEntry } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { Draw } from '../numbering/supply.ts'
import { isPublicName } from '../log/log-name.ts'
import { insertLogKeys } from '../log/log-queue.store.ts'
import { insertAssignments, issuerTables, lockNames } from './assignment.store.ts'
import { keyText, subjectOf } from './code-key.ts'
import { codeTaken, grantEach, type Grant } from './grant.ts'
import { idempotencyHash } from './idempotency.ts'
import type { Issuing } from './issuing.ts'
import { assignmentClaims } from './record-claims.ts'
import { replayEarlier } from './replay.ts'
import type { Assigned, Outcome, Submission, Tier } from './tier.ts'

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

  const keyHashes = submissions.map((submission) => idempotencyHash(tier.operation, submission))
  const outcomes = await replayEarlier(tx, issuing.prefix, submissions, keyHashes)

  const fresh = submissions
    .map((submission, nth) => ({ submission, nth, keyHash: keyHashes[nth] ?? unhashed() }))
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
    await replayRefused(tx, issuing, fresh, outcomes)
    ambient.reached('assignment:written')
  }
  return submissions.map((_, nth) => outcomes.get(nth) ?? unjudged())
}

/**
 * A submission that was refused may have lost to its own first try, made by another process and committed while this
 * one waited for a lock. Looked at once more, now that the winner shows, such a retry gets its own record.
 */
async function replayRefused<Tables extends IssuerTables>(
  tx: Transaction<Tables>,
  issuing: Issuing,
  fresh: readonly { submission: Submission<unknown>; nth: number; keyHash: Uint8Array }[],
  outcomes: Map<number, Outcome>,
): Promise<void> {
  const refused = fresh.filter(({ nth }) => outcomes.get(nth)?.kind === 'refused')
  if (refused.length === 0) return
  const submissions = refused.map(({ submission }) => submission)
  const keyHashes = refused.map(({ keyHash }) => keyHash)
  for (const [place, outcome] of await replayEarlier(tx, issuing.prefix, submissions, keyHashes)) {
    const nth = refused[place]?.nth
    if (nth !== undefined) outcomes.set(nth, outcome)
  }
}

interface SignedGrant<Request> extends Grant<Request> {
  readonly assigned: Assigned<Request>
}

async function signGrant<Request>(grant: Grant<Request>, issuing: Issuing): Promise<SignedGrant<Request>> {
  const { key, status, issuedAt, judgement, submission } = grant
  const subject = subjectOf(key, issuing.prefix)
  const record = await signMadeAssignmentRecord(
    issuing.signer(),
    assignmentClaims({
      subject,
      iss: issuing.entityId,
      iat: numericDate(issuedAt),
      jti: issuing.ambient.newId(),
      status: { uri: issuing.statusListUri(status.list), idx: status.index },
      extra: judgement.extra ?? {},
    }),
  )
  const hash = hashBytes(record)
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
  const entries = await entriesOf(db, tier.level, issuing, signed)
  const rows = signed.map(
    ({ submission, keyHash, assigned: { key, hash, record, issuedAt, status } }, nth) => {
      return {
        key,
        hash,
        jws: record,
        issuedAt,
        status,
        submission,
        keyHash,
        entry: entries[nth] ?? unnamed(),
      }
    },
  )
  const free = new Set((await insertAssignments(db, rows, issuing.ambient.now())).map(keyText))
  const won = signed.filter(({ key }) => free.has(keyText(key)))
  for (const { nth, key } of signed.filter(({ key: lost }) => !free.has(keyText(lost)))) {
    outcomes.set(nth, codeTaken(key, issuing.prefix))
  }
  if (won.length === 0) return
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

/** What the log will say of each code. The keys of new requesters first: their own entries may need them. */
async function entriesOf(
  db: Transaction<IssuerTables>,
  level: Level,
  { logNames }: Issuing,
  signed: readonly SignedGrant<unknown>[],
): Promise<LogEntry[]> {
  const keys = signed.flatMap(({ key: { requester }, judgement: { logKey: key } }) => {
    return key === undefined ? [] : [{ requester, key }]
  })
  await insertLogKeys(db, keys)
  const names = await logNames.namesOf(
    db,
    signed.map(({ assigned: { subject }, judgement: { disclosure } }) => {
      return { subject, isPublic: isPublicName(level, disclosure) }
    }),
  )
  return signed.map(({ assigned: { hash, issuedAt } }, nth) => {
    const h = Buffer.from(hash).toString('base64url')
    return { v: 1, t: 'assign', c: names[nth] ?? unnamed(), h, i: numericDate(issuedAt) }
  })
}

/** `recordHash` of records (W0), by node:crypto, which has it at once. */
function hashBytes(record: CompactJws): Uint8Array {
  return hashOf('sha256', record.slice(0, record.lastIndexOf('.')), 'buffer')
}

function unjudged(): never {
  throw new Error('A submission was neither granted nor refused')
}

function unhashed(): never {
  throw new Error('A submission was left without the hash of its key')
}

function unnamed(): never {
  throw new Error('A code was left without a name in the log')
}
