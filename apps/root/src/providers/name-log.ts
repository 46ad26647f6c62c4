import { parseProviderNumber } from '@arc3088/codec'
import { insertAuditEntry, issuerTables, judgeOwnLog, readWish } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { OwnLog } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import { demandSignedBy, readClaimedBody, type ReceivedRequest } from '../federation/signed-request.ts'
import { entrySignerOf } from './carry-decided.ts'
import { carryStep } from './carry-step.ts'
import { findForeignLogKey } from './foreign-log-key.store.ts'
import { lockLife } from './locked-life.ts'
import type { ProviderLife } from './provider-life.ts'

/** What a provider sends of its log: no member but these. */
const LogBody = OwnLog.strict()

/**
 * Takes the log of a provider that was assigned before it had one, signed with its federation key (wire-format W11), and
 * keeps the signed request: the root names the log on that word. It is named once; the same log again is answered as the
 * first time, whatever its `jti`, since nothing more can happen.
 *
 * @throws RegistryError `entity-unknown`, `request-signature-invalid`, `log-not-own`, `log-known`, `provider-retired`.
 */
export async function nameLog(
  deps: RootDeps,
  code: string,
  received: ReceivedRequest,
): Promise<{ life: ProviderLife; log: OwnLog }> {
  const { db, ambient } = deps.node
  const number = readWish(parseProviderNumber, code)
  const known = number === undefined ? undefined : await deps.lives.find(number)
  if (known === undefined) throw new RegistryError('entity-unknown', `No provider was ever assigned ${code}`)
  const { iss, body } = readClaimedBody(received, LogBody)
  if (iss !== known.entityId) {
    throw new RegistryError('request-signature-invalid', `${iss} is not the provider of ${code}`)
  }
  const request = await demandSignedBy(deps, received, known.federationKeys)
  const judgement = judgeOwnLog(known.entityId, body, known.federationKeys)
  if (judgement.kind === 'refuse') {
    throw new RegistryError('log-not-own', `${judgement.reason}: ${judgement.detail}`)
  }
  const foreign = await findForeignLogKey(db, known.foundedAs, body)
  if (foreign !== undefined)
    throw new RegistryError('log-not-own', `key-shared: ${foreign} is a key of another`)
  const life = await db.transaction().execute(async (tx) => {
    const current = await lockLife(deps, tx, known.code)
    if (current.log !== undefined && isSameLog(current.log, body)) return current
    const at = ambient.now()
    const named = await carryStep(tx, entrySignerOf(deps), {
      code: current.code,
      life: current,
      step: { act: 'log', log: body },
      cause: { signed: received.jws },
      at,
    })
    await insertAuditEntry(issuerTables(tx), {
      id: ambient.newId(),
      at,
      actor: current.entityId,
      act: 'provider:name-log',
      object: `provider:${current.code}`,
      reason: null,
      detail: { request: request.jti, log: body },
    })
    return named
  })
  return { life, log: body }
}

function isSameLog(one: OwnLog, other: OwnLog): boolean {
  return (
    one.url === other.url &&
    one.origin === other.origin &&
    one.vkeys.length === other.vkeys.length &&
    one.vkeys.every((vkey, nth) => vkey === other.vkeys[nth])
  )
}
