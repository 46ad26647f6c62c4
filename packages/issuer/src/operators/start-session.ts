import { RegistryError } from '@arc3088/problems'
import { CLOCK_SKEW_SECONDS, readSessionProof, verifySessionProof, type SessionProof } from '@arc3088/records'
import { hashTokenSecret, numericDate } from '@arc3088/service'

import { insertAuditEntry } from '../audit/audit.store.ts'
import { issueCredential } from './issue-api-token.ts'
import { lockOperator, readOperator, type Operator } from './operator.store.ts'
import type { OperatorDesk } from './operator-desk.ts'
import { insertChallenge, readOwnKey, takeChallenge } from './session.store.ts'
import { SESSION_SECONDS_MAX } from './token.ts'

/** Within this a challenge is answered. */
export const CHALLENGE_SECONDS_MAX = 120
const NONCE_BYTES = 32

/** What a node asks whoever wants to begin a session to sign. */
export interface Challenge {
  readonly nonce: string
  readonly expiresAt: Date
}

/** A session as it began; its token is shown this once. */
export interface StartedSession {
  readonly id: string
  readonly token: string
  readonly operator: string
  readonly expiresAt: Date
}

/** Gives a challenge. It is kept by its hash, for a short while, and answered once. */
export async function giveChallenge({ db, ambient }: OperatorDesk): Promise<Challenge> {
  const nonce = Buffer.from(ambient.randomBytes(NONCE_BYTES)).toString('base64url')
  const at = ambient.now()
  const expiresAt = new Date(at.getTime() + CHALLENGE_SECONDS_MAX * 1000)
  await db
    .transaction()
    .execute((tx) => insertChallenge(tx, { nonceHash: hashTokenSecret(nonce), expiresAt, at }))
  return { nonce, expiresAt }
}

/**
 * Begins a session for whoever proves, over a challenge of this node, that he holds his own key: nobody ever showed him a
 * token that he could have shown to others. The challenge goes in the transaction that makes the session.
 *
 * @throws RegistryError `session-proof-invalid`
 */
export async function startSession(desk: OperatorDesk, proof: string): Promise<StartedSession> {
  const { db, ambient } = desk
  const { claims, kid, operator } = await verifyProof(desk, proof)
  const started = await db.transaction().execute(async (tx) => {
    const held = await lockOperator(tx, operator.id)
    if (held === undefined || held.disabledAt !== null) throw refused('the operator has been disabled')
    const at = ambient.now()
    if (!(await takeChallenge(tx, hashTokenSecret(claims.nonce), at)))
      throw refused('the challenge is not of this node, is over, or was answered')
    const expiresAt = new Date(at.getTime() + SESSION_SECONDS_MAX * 1000)
    const { id, text } = await issueCredential(tx, ambient, {
      owner: { kind: 'operator', id: operator.id },
      expiresAt,
      kind: 'session',
      keyId: kid,
    })
    await insertAuditEntry(tx, {
      id: ambient.newId(),
      at,
      actor: operator.id,
      act: 'session:start',
      object: `operator:${operator.id}`,
      reason: null,
      detail: { token: id, kid },
    })
    ambient.reached('session:written')
    return { id, token: text, operator: operator.id, expiresAt }
  })
  ambient.reached('session:committed')
  return started
}

async function verifyProof(
  desk: OperatorDesk,
  proof: string,
): Promise<{ claims: SessionProof; kid: string; operator: Operator }> {
  const read = readSessionProof(proof)
  if (read.kind === 'rejected') throw refused(`${read.reason}: ${read.detail}`)
  const key = await readOwnKey(desk.db, read.kid)
  const operator = key === undefined ? undefined : await readOperator(desk.db, key.operator)
  if (key === undefined || operator === undefined) throw refused('the key begins no session here')
  const verified = await verifySessionProof(proof, [key.jwk])
  if (verified.kind === 'rejected') throw refused(`${verified.reason}: ${verified.detail}`)
  const { claims, kid } = verified
  if (claims.aud !== desk.entityId) throw refused('it is for another node')
  const now = numericDate(desk.ambient.now())
  if (claims.iat > now + CLOCK_SKEW_SECONDS || claims.exp + CLOCK_SKEW_SECONDS <= now)
    throw refused('it was not made now')
  if (!(await desk.mayBeginWith({ kid, role: operator.role })))
    throw refused('the key is not in the officer set in force')
  return { claims, kid, operator }
}

function refused(detail: string): RegistryError {
  return new RegistryError('session-proof-invalid', detail)
}
