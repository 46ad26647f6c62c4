import { recordHash, signKeyEndorsement, type KeyEvent, type Signer } from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { queueEntries } from '../log/log-queue.store.ts'
import type { NodeKey } from './key.ts'
import { insertEndorsement, insertTransition } from './key.store.ts'

/** A step in the life of a key of this node. */
export interface KeyChange {
  readonly key: Pick<NodeKey, 'kid' | 'purpose' | 'jwk'>
  readonly event: KeyEvent
  readonly at: Date
  /** Who asked for it, and why: for the trail of this node, never published. */
  readonly actor: string
  readonly reason: string | null
  /** The end of a retired key's life. */
  readonly expiresAt?: Date
  readonly revokedAt?: Date
}

/**
 * Signs a change of a key, keeps the document, and queues it for the log, in the transaction of the change itself
 * (wire-format W8): there is no step of a key that the log does not show. The entry names the key by its kid, since
 * a node has keys before it has a code. Answers the hash of the document.
 */
export async function endorse(
  tx: Transaction<IssuerTables>,
  by: { readonly ambient: Ambient; readonly entityId: string; readonly signer: Signer },
  change: KeyChange,
): Promise<string> {
  const { ambient, entityId, signer } = by
  const { key, event, at, expiresAt, revokedAt } = change
  const iat = numericDate(at)
  const jws = await signKeyEndorsement(signer, {
    iss: entityId,
    sub: entityId,
    iat,
    jti: ambient.newId(),
    event,
    purpose: key.purpose,
    key: key.jwk,
    ...(expiresAt === undefined ? {} : { exp: numericDate(expiresAt) }),
    ...(revokedAt === undefined ? {} : { revoked_at: numericDate(revokedAt), reason: 'compromised' }),
  })
  const hash = await recordHash(jws)
  await insertEndorsement(tx, {
    hash,
    kid: key.kid,
    issuer: entityId,
    subject: entityId,
    event,
    endorses: null,
    jws,
    issuedAt: at,
  })
  await insertTransition(tx, {
    id: ambient.newId(),
    kid: key.kid,
    event,
    actor: change.actor,
    reason: change.reason,
    hash,
    at,
  })
  await queueEntries(tx, [{ v: 1, t: 'endorse', c: key.kid, h: hash, i: iat }], at)
  return hash
}
