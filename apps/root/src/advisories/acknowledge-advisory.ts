import { insertAuditEntry, issuerTables, lockNames } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { AdvisoryAcknowledgement, requestHash, type RegistryRequest } from '@arc3088/records'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { demandSignedBy, readClaimedBody, type ReceivedRequest } from '../federation/signed-request.ts'
import {
  findByRequest,
  insertAcknowledgement,
  readAcknowledgements,
  type Acknowledgement,
} from './acknowledgement.store.ts'
import { concernedProviders } from './advisory.ts'
import { readProvenAdvisory, type ProvenAdvisory } from './read-advisory.ts'

/**
 * Notes that a provider has taken note of the newest version of an advisory, by a request that it signed (W11). Whatever
 * is sent again is answered as the first time, also when the advisory has been withdrawn since.
 *
 * @throws RegistryError `advisory-not-found`, `entity-unknown`, `request-signature-invalid`, `advisory-not-affected`,
 * `advisory-state`, `advisory-changed`, `idempotency-key-reused`.
 */
export async function acknowledgeAdvisory(
  deps: RootDeps,
  uuid: string,
  received: ReceivedRequest,
): Promise<{ acknowledgement: Acknowledgement; isNew: boolean }> {
  const { node } = deps
  const { iss, body } = readClaimedBody(received, AdvisoryAcknowledgement)
  const newest = await readProvenAdvisory(deps, { uuid })
  const provider = await deps.lives.findByEntity(iss)
  if (provider === undefined) throw new RegistryError('entity-unknown', `${iss} is no provider of this root`)
  const request = await demandSignedBy(deps, received, provider.federationKeys)
  const sent = { request, jws: received.jws, hash: await requestHash(request), body }
  const outcome = await node.db.transaction().execute(async (tx) => {
    await lockNames(issuerTables(tx), [`acknowledgement:${uuid}:${provider.code}`])
    const earlier = await findEarlier(tx, uuid, { provider: provider.code, ...sent })
    if (earlier !== undefined) return { acknowledgement: earlier, isNew: false }
    demandOwed(deps, newest, { provider: provider.code, body })
    const acknowledgement: Acknowledgement = {
      advisory: uuid,
      version: body.version,
      provider: provider.code,
      requestId: request.jti,
      requestHash: sent.hash,
      requestJws: received.jws,
      at: node.ambient.now(),
    }
    await insertAcknowledgement(tx, acknowledgement)
    await insertAuditEntry(issuerTables(tx), {
      id: node.ambient.newId(),
      at: acknowledgement.at,
      actor: iss,
      act: 'advisory:acknowledge',
      object: `advisory:${newest.claims.sub}`,
      reason: null,
      detail: { version: body.version, hash: body.hash, request: request.jti },
    })
    node.ambient.reached('advisory:acknowledged')
    return { acknowledgement, isNew: true }
  })
  node.ambient.reached('advisory:acknowledgement-committed')
  return outcome
}

async function findEarlier(
  tx: Transaction<RootTables>,
  uuid: string,
  sent: { provider: number; request: RegistryRequest; hash: string; body: AdvisoryAcknowledgement },
): Promise<Acknowledgement | undefined> {
  const same = await findByRequest(tx, { provider: sent.provider, requestId: sent.request.jti })
  if (same !== undefined && same.requestHash !== sent.hash)
    throw new RegistryError('idempotency-key-reused', 'This request id stands for another acknowledgement')
  if (same !== undefined) return same
  const { version } = sent.body
  return (await readAcknowledgements(tx, { advisory: uuid, version })).get(sent.provider)
}

/** What is acknowledged is the newest version, still published, and concerns the provider. */
function demandOwed(
  { prefix }: RootDeps,
  { claims, hash }: ProvenAdvisory,
  { provider, body }: { provider: number; body: AdvisoryAcknowledgement },
): void {
  if (!concernedProviders(claims.affected, prefix).includes(provider))
    throw new RegistryError('advisory-not-affected', 'The advisory names no code of this provider')
  if (claims.state === 'withdrawn') throw new RegistryError('advisory-state', 'The advisory is withdrawn')
  if (body.version !== claims.version || body.hash !== hash)
    throw new RegistryError('advisory-changed', `The advisory has come to version ${claims.version}`, {
      extra: { version: claims.version, hash },
    })
}
