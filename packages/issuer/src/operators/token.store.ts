import type { Kysely, Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { CredentialKind } from './operator.tables.ts'
import { SESSION_IDLE_SECONDS_MAX } from './token.ts'

/** Whose a token is. */
export interface TokenOwner {
  readonly kind: string
  readonly id: string
}

/** A token to be stored; only the hash of its secret is kept. */
export interface NewToken {
  readonly id: string
  readonly secretHash: Uint8Array
  readonly owner: TokenOwner
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly kind?: CredentialKind
  readonly label?: string
  /** Actions that it is held to; all that the role may do where unsaid. */
  readonly scopes?: readonly string[]
  /** The key that a session was begun with. */
  readonly keyId?: string
}

/** A token as it is looked up. */
export interface StoredToken {
  readonly secretHash: Uint8Array
  readonly expiresAt: Date | null
  readonly owner: TokenOwner
  readonly kind: CredentialKind
  readonly scopes: readonly string[] | null
  readonly usedAt: Date | null
}

/** A token as its holder sees it: nothing secret. */
export interface ListedToken {
  readonly id: string
  readonly kind: CredentialKind
  readonly label: string | null
  readonly scopes: readonly string[] | null
  readonly keyId: string | null
  readonly createdAt: Date
  readonly expiresAt: Date | null
}

/** Adds a token. */
export async function insertApiToken(tx: Transaction<IssuerTables>, token: NewToken): Promise<void> {
  const { kind = 'token', scopes } = token
  await tx
    .insertInto('api_token')
    .values({
      id: token.id,
      secret_hash: token.secretHash,
      principal_kind: token.owner.kind,
      principal_id: token.owner.id,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
      revoked_at: null,
      kind,
      label: token.label ?? null,
      scopes: scopes === undefined ? null : [...scopes],
      key_id: token.keyId ?? null,
      used_at: kind === 'session' ? token.createdAt : null,
    })
    .execute()
}

/** Reads an unrevoked token by its id. */
export async function readApiToken(db: Kysely<IssuerTables>, id: string): Promise<StoredToken | undefined> {
  const row = await db
    .selectFrom('api_token')
    .select(['secret_hash', 'expires_at', 'principal_kind', 'principal_id', 'kind', 'scopes', 'used_at'])
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    secretHash: row.secret_hash,
    expiresAt: row.expires_at,
    owner: { kind: row.principal_kind, id: row.principal_id },
    kind: row.kind,
    scopes: row.scopes,
    usedAt: row.used_at,
  }
}

/** Notes that a session is in use. One that was revoked meanwhile stays as it is. */
export async function updateUse(db: Kysely<IssuerTables>, id: string, at: Date): Promise<void> {
  await db
    .updateTable('api_token')
    .set({ used_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('used_at', '<', at)
    .execute()
}

/** Reads what an operator holds that is in force, newest first. */
export async function readHeldTokens(
  db: Kysely<IssuerTables>,
  owner: TokenOwner,
  at: Date,
): Promise<ListedToken[]> {
  return await db
    .selectFrom('api_token')
    .select([
      'id',
      'kind',
      'label',
      'scopes',
      'key_id as keyId',
      'created_at as createdAt',
      'expires_at as expiresAt',
    ])
    .where('principal_kind', '=', owner.kind)
    .where('principal_id', '=', owner.id)
    .where('revoked_at', 'is', null)
    .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', at)]))
    .where(({ or, eb }) => or([eb('used_at', 'is', null), eb('used_at', '>', idleSince(at))]))
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()
}

/** Sessions that nobody has used since are over. */
function idleSince(at: Date): Date {
  return new Date(at.getTime() - SESSION_IDLE_SECONDS_MAX * 1000)
}

/** True where an operator ever had a credential that nobody handed over: a token of his own making, or a session. */
export async function hasOwnCredential(tx: Transaction<IssuerTables>, owner: TokenOwner): Promise<boolean> {
  const row = await tx
    .selectFrom('api_token')
    .select('id')
    .where('principal_kind', '=', owner.kind)
    .where('principal_id', '=', owner.id)
    .where('kind', '<>', 'invitation')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Reads whose a token is, in force or not. */
export async function readToken(
  db: Kysely<IssuerTables>,
  id: string,
): Promise<{ owner: TokenOwner; kind: CredentialKind; isRevoked: boolean } | undefined> {
  const row = await db
    .selectFrom('api_token')
    .select(['principal_kind', 'principal_id', 'kind', 'revoked_at'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row === undefined
    ? undefined
    : {
        owner: { kind: row.principal_kind, id: row.principal_id },
        kind: row.kind,
        isRevoked: row.revoked_at !== null,
      }
}

/** Revokes one token; false where it was revoked before. */
export async function revokeToken(tx: Transaction<IssuerTables>, id: string, at: Date): Promise<boolean> {
  const row = await tx
    .updateTable('api_token')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Revokes what an operator holds: everything, or one kind of it, or what has expired under a label. Answers how many. */
export async function revokeHeldTokens(
  tx: Transaction<IssuerTables>,
  owner: TokenOwner,
  which: { at: Date; kind?: CredentialKind; expiredLabel?: string },
): Promise<number> {
  const { at, kind, expiredLabel } = which
  const rows = await tx
    .updateTable('api_token')
    .set({ revoked_at: at })
    .where('principal_kind', '=', owner.kind)
    .where('principal_id', '=', owner.id)
    .where('revoked_at', 'is', null)
    .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? 'token'))
    .$if(expiredLabel !== undefined, (query) =>
      query.where('label', '=', expiredLabel ?? '').where('expires_at', '<=', at),
    )
    .returning('id')
    .execute()
  return rows.length
}

/** Revokes every session that was begun with one of these keys. */
export async function revokeSessionsOfKeys(
  tx: Transaction<IssuerTables>,
  keyIds: readonly string[],
  at: Date,
): Promise<void> {
  if (keyIds.length === 0) return
  await tx
    .updateTable('api_token')
    .set({ revoked_at: at })
    .where('key_id', 'in', keyIds)
    .where('revoked_at', 'is', null)
    .execute()
}
