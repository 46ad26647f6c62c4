import { parseProviderNumber } from '@arc3088/codec'
import {
  insertAuditEntry,
  insertEndorsement,
  issuerTables,
  logVkey,
  queueEntries,
  readConfirmation,
  readWish,
  type StatusIndex,
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
import { entrySignerOf } from '../providers/carry-decided.ts'
import { carryStep } from '../providers/carry-step.ts'
import { findKeyOfAnother } from '../providers/fresh-keys.ts'
import { lockLife } from '../providers/locked-life.ts'
import type { LifeStep, ProviderLife } from '../providers/provider-life.ts'
import { judgeProviderKey } from './provider-key.ts'
import {
  insertKeyRequest,
  readKeyRequest as readStoredRequest,
  readProviderKeyFacts,
  readTakenSteps,
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
): Promise<{ endorsement: string; provider: ProviderLife }> {
  const { ambient, db, supply } = deps.node
  const number = readWish(parseProviderNumber, code)
  const provider = number === undefined ? undefined : await deps.lives.find(number)
  if (provider === undefined)
    throw new RegistryError('entity-unknown', `No provider was ever assigned ${code}`)
  const asked = await readKeyRequest(deps, received, provider)
  // The statement is withdrawn with a compromised federation key that it names, and then stands elsewhere.
  const withdraws = asked.change.event === 'compromise' && asked.change.purpose === 'federation'
  using draw = await supply.reserve('provider', { numbers: 0, statuses: withdraws ? 1 : 0 })
  const endorsement = await db.transaction().execute(async (tx) => {
    const life = await lockLife(deps, tx, provider.code)
    const earlier = await replay(tx, life, asked)
    if (earlier !== undefined) return earlier
    // What was verified a moment ago may have changed while another held the provider.
    const known = life.head.seq === provider.head.seq ? asked : await readKeyRequest(deps, received, life)
    return await endorse(deps, tx, { life, asked: known, place: () => draw.status() })
  })
  ambient.reached('keys:endorsed')
  return { endorsement, provider }
}

async function replay(
  tx: Transaction<RootTables>,
  provider: ProviderLife,
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
  { life: provider, asked, place }: { life: ProviderLife; asked: KeyRequest; place: () => StatusIndex },
): Promise<CompactJws> {
  const { ambient } = deps.node
  const { request, change, document } = asked
  const read = await readProviderKeyFacts(tx, { code: provider.code, kid: change.key.kid })
  // Of a key that is told for the first time; whoever takes one that is known already is refused elsewhere.
  const isNew = !read.known.some(({ kid }) => kid === change.key.kid)
  const another = isNew ? await findKeyOfAnother(deps, tx, provider, [change.key]) : undefined
  const facts = {
    ...read,
    isForeign: read.isForeign || another !== undefined,
    federationKeys: provider.federationKeys,
    taken: await readTakenSteps(tx, { kid: change.key.kid, event: change.event }),
  }
  const verdict = judgeProviderKey(change, facts)
  if (verdict.kind === 'refuse') throw new RegistryError(verdict.because, verdict.detail)
  const at = ambient.now()
  const { key, purpose, event } = change
  if (purpose === 'tlog' && key.alg !== 'Ed25519')
    throw new RegistryError('request-invalid', 'The key of a log is of Ed25519')
  if (verdict.kind === 'endorse') {
    await writeProviderKeyStep(tx, { kid: key.kid, provider: provider.code, purpose }, verdict, at)
    const step = lifeStepOf(change, provider, place)
    const cause = { signed: document.jws }
    if (step !== undefined)
      await carryStep(tx, entrySignerOf(deps), { code: provider.code, life: provider, step, cause, at })
  }
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

/** What a change of a key means for the life of the provider: the keys by which others know it or its log. */
function lifeStepOf(
  change: KeyEndorsement,
  life: ProviderLife,
  place: () => StatusIndex,
): LifeStep | undefined {
  const { purpose, event, key } = change
  if (purpose === 'tlog')
    return life.log === undefined ? undefined : { act: 'key', change, vkey: logVkey(life.foundedAs, key) }
  if (purpose !== 'federation') return undefined
  const isStanding = life.federationKeys.some(({ kid }) => kid === key.kid)
  return { act: 'key', change, ...(event === 'compromise' && isStanding ? { place: place() } : {}) }
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
