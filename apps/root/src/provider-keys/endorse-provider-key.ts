import { parseProviderNumber } from '@arc3088/codec'
import {
  insertAuditEntry,
  insertEndorsement,
  issuerTables,
  logVkey,
  queueEntries,
  readConfirmation,
  readWish,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  decodeBase64url,
  encodeBase64url,
  recordHash,
  requestHash,
  signKeyEndorsement,
  type CompactJws,
  type KeyEndorsement,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import type { ReceivedRequest } from '../federation/signed-request.ts'
import { readProvider, type Provider } from '../providers/provider.store.ts'
import { judgeProviderKey } from './provider-key.ts'
import {
  insertKeyRequest,
  lockProvider,
  readKeyRequest as readStoredRequest,
  readProviderKeyFacts,
  writeLogKey,
  writeProviderKeyStep,
} from './provider-key.store.ts'
import { readKeyRequest, type KeyRequest } from './read-key-request.ts'

/**
 * Says again, in the root's own name, what a provider says of its key, and logs it (wire-format W8): before a key's
 * first use, two logs show it. The same request, or the same document in another request, answers the same bytes.
 */
export async function endorseProviderKey(
  deps: RootDeps,
  code: string,
  received: ReceivedRequest,
): Promise<{ endorsement: string; provider: Provider }> {
  const { ambient, db } = deps.node
  const number = readWish(parseProviderNumber, code)
  const provider = number === undefined ? undefined : await readProvider(db, number)
  if (provider === undefined)
    throw new RegistryError('entity-unknown', `No provider was ever assigned ${code}`)
  const asked = await readKeyRequest(deps, received, provider)
  const endorsement = await db.transaction().execute(async (tx) => {
    await lockProvider(tx, provider.code)
    return (await replay(tx, provider, asked)) ?? (await endorse(deps, tx, provider, asked))
  })
  ambient.reached('keys:endorsed')
  return { endorsement, provider }
}

async function replay(
  tx: Transaction<RootTables>,
  provider: Provider,
  { request, document }: KeyRequest,
): Promise<string | undefined> {
  const earlier = await readStoredRequest(tx, { provider: provider.code, id: request.jti })
  if (earlier !== undefined && earlier.requestHash !== (await requestHash(request)))
    throw new RegistryError('idempotency-key-reused', 'This request id stands for another change of a key')
  const hash = earlier === undefined ? document.hash : encodeBase64url(earlier.documentHash)
  return (await readConfirmation(issuerTables(tx), hash))?.jws
}

async function endorse(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  provider: Provider,
  { request, change, document }: KeyRequest,
): Promise<CompactJws> {
  const { ambient } = deps.node
  const facts = await readProviderKeyFacts(tx, { code: provider.code, kid: change.key.kid })
  const verdict = judgeProviderKey(change, facts)
  if (verdict.kind === 'refuse') throw new RegistryError(verdict.because, verdict.detail)
  const at = ambient.now()
  const { key, purpose, event } = change
  if (purpose === 'tlog' && key.alg !== 'Ed25519')
    throw new RegistryError('request-invalid', 'The key of a log is of Ed25519')
  await writeProviderKeyStep(tx, { kid: key.kid, provider: provider.code, purpose }, verdict, at)
  if (purpose === 'tlog')
    await writeLogKey(tx, provider.code, { event, vkey: logVkey(provider.entityId, key) })
  const issuer = issuerTables(tx)
  await insertEndorsement(issuer, {
    hash: document.hash,
    kid: key.kid,
    issuer: provider.entityId,
    subject: provider.entityId,
    event,
    endorses: null,
    jws: document.jws,
    issuedAt: new Date(change.iat * 1000),
  })
  const confirmation = await signConfirmation(deps, change, document.hash, at)
  const hash = await recordHash(confirmation)
  await insertEndorsement(issuer, {
    hash,
    kid: key.kid,
    issuer: deps.node.entityId,
    subject: provider.entityId,
    event,
    endorses: document.hash,
    jws: confirmation,
    issuedAt: at,
  })
  await queueEntries(issuer, [{ v: 1, t: 'endorse', c: key.kid, h: hash, i: numericDate(at) }], at)
  await insertKeyRequest(tx, {
    provider: provider.code,
    id: request.jti,
    hash: await requestHash(request),
    documentHash: decodeBase64url(document.hash) ?? new Uint8Array(),
    at,
  })
  await insertAuditEntry(issuer, {
    id: ambient.newId(),
    at,
    actor: provider.entityId,
    act: `key:${event}`,
    object: `key:${key.kid}`,
    reason: null,
    detail: { provider: provider.code, purpose, document: document.hash },
  })
  return confirmation
}

async function signConfirmation(
  { node }: RootDeps,
  change: KeyEndorsement,
  documentHash: string,
  at: Date,
): Promise<CompactJws> {
  const { key, purpose, event, exp, revoked_at: revokedAt, reason } = change
  return await signKeyEndorsement(node.keys.active('federation'), {
    iss: node.entityId,
    sub: change.sub,
    iat: numericDate(at),
    jti: node.ambient.newId(),
    event,
    purpose,
    key,
    ...(exp === undefined ? {} : { exp }),
    ...(revokedAt === undefined ? {} : { revoked_at: revokedAt }),
    ...(reason === undefined ? {} : { reason }),
    endorses: documentHash,
  })
}
