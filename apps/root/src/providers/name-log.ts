import { parseProviderNumber } from '@arc3088/codec'
import { insertAuditEntry, issuerTables, judgeOwnLog, readWish } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { OwnLog } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import { demandSignedBy, readClaimedBody, type ReceivedRequest } from '../federation/signed-request.ts'
import { findForeignLogKey } from './foreign-log-key.store.ts'
import { readProvider, setProviderLog, type Provider } from './provider.store.ts'

/** What a provider sends of its log: no member but these. */
const LogBody = OwnLog.strict()

/**
 * Takes the log of a provider that was assigned before it had one, signed with its federation key (wire-format W11).
 * It is set once; the same log again is answered as the first time, whatever its `jti`, since nothing more can happen.
 *
 * @throws RegistryError `entity-unknown`, `request-signature-invalid`, `log-not-own`, `log-known`.
 */
export async function nameLog(deps: RootDeps, code: string, received: ReceivedRequest): Promise<Provider> {
  const { db, ambient } = deps.node
  const number = readWish(parseProviderNumber, code)
  const provider = number === undefined ? undefined : await readProvider(db, number)
  if (provider === undefined)
    throw new RegistryError('entity-unknown', `No provider was ever assigned ${code}`)
  const { iss, body } = readClaimedBody(received, LogBody)
  if (iss !== provider.entityId) {
    throw new RegistryError('request-signature-invalid', `${iss} is not the provider of ${code}`)
  }
  const request = await demandSignedBy(deps, received, provider.federationKeys)
  const judgement = judgeOwnLog(provider.entityId, body, provider.federationKeys)
  if (judgement.kind === 'refuse') {
    throw new RegistryError('log-not-own', `${judgement.reason}: ${judgement.detail}`)
  }
  const foreign = await findForeignLogKey(db, provider.entityId, body)
  if (foreign !== undefined)
    throw new RegistryError('log-not-own', `key-shared: ${foreign} is a key of another`)
  const named = await db.transaction().execute(async (tx) => {
    const { log, isNew } = await setProviderLog(tx, provider.code, body)
    if (isNew) {
      await insertAuditEntry(issuerTables(tx), {
        id: ambient.newId(),
        at: ambient.now(),
        actor: provider.entityId,
        act: 'provider:name-log',
        object: `provider:${provider.code}`,
        reason: null,
        detail: { request: request.jti, log },
      })
    }
    return log
  })
  if (!isSameLog(named, body)) {
    throw new RegistryError(
      'log-known',
      `${named.origin} is known with ${named.vkeys.length} other keys already`,
    )
  }
  return { ...provider, log: body }
}

function isSameLog(one: OwnLog, other: OwnLog): boolean {
  return (
    one.url === other.url &&
    one.origin === other.origin &&
    one.vkeys.length === other.vkeys.length &&
    one.vkeys.every((vkey, nth) => vkey === other.vkeys[nth])
  )
}
