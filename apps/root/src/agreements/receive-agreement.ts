import { insertAuditEntry, issuerTables } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { checkAgreement, CLOCK_SKEW_SECONDS, GeneralJws, type CheckedAgreement } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { agreementDateFault } from '@arc3088/trust'
import type { Transaction } from 'kysely'
import { z } from 'zod'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import type { ReceivedRequest } from '../federation/signed-request.ts'
import { agreementIdOf } from './agreement-name.ts'
import { insertWhereRoom } from './agreement-fork.store.ts'
import {
  insertAgreement,
  insertAgreementSignature,
  countUnsigned,
  readStoredAgreement,
} from './agreement.store.ts'
import { isOver, stageOf } from './known-agreement.ts'
import { receiveFromRoot, type RootRequest } from './receive-from-root.ts'
import { lockAgreement } from './sign-terms.ts'

const Body = z.strictObject({ agreement: GeneralJws })

/** Proposals of one root that wait here at once. */
export const PROPOSALS_WAITING_MAX = 32
/** Proposals of one root that this one has not signed, also those that are over: rows stay for ever, and all are read. */
export const PROPOSALS_KEPT_MAX = 200

/** How terms were received. */
export interface TermsReceived {
  readonly jti: string
  readonly hash: string
  readonly created: boolean
}

/**
 * Takes terms that another root proposes, with its signature and no other (W9, W11). They bind nobody here; they wait for
 * officers. The same terms again are answered as the first time; other terms under the same name are refused and kept.
 *
 * @throws RegistryError `agreement-invalid`, `agreement-state`, `agreement-forked`, `agreement-limit`, and as
 * `receiveFromRoot`.
 */
export async function receiveAgreement(deps: RootDeps, received: ReceivedRequest): Promise<TermsReceived> {
  const asked = await receiveFromRoot(deps, received, Body)
  const terms = await demandTerms(deps, asked)
  const { sender, body, request } = asked
  const { db, ambient } = deps.node
  const id = agreementIdOf(terms.claims.jti)
  const at = ambient.now()
  const outcome = await db.transaction().execute(async (tx) => {
    await lockAgreement(tx, id)
    const known = await readStoredAgreement(tx, id)
    const { payload } = body.agreement
    if (known !== undefined) {
      if (known.payload === payload) return { kind: 'known' as const }
      await insertWhereRoom(
        tx,
        {
          id,
          entityId: sender.entityId,
          seq: null,
          known: JSON.stringify({ payload: known.payload, signatures: known.signatures }),
          other: JSON.stringify(body.agreement),
          otherHash: terms.hash,
        },
        at,
      )
      return { kind: 'forked' as const, hash: known.hash }
    }
    await demandRoom(deps, tx, sender.entityId)
    const [part] = body.agreement.signatures
    const [signature] = terms.signatures
    if (part === undefined || signature === undefined) throw new Error('checked terms have a signature')
    await insertAgreement(tx, { id, hash: terms.hash, payload, sender: sender.entityId, receivedAt: at })
    await insertAgreementSignature(tx, id, { ...signature, ...part }, at)
    await insertAuditEntry(issuerTables(tx), {
      id: ambient.newId(),
      at,
      actor: sender.entityId,
      act: 'agreement:receive',
      object: `agreement:${id}`,
      reason: null,
      detail: { request: request.jti, hash: terms.hash },
    })
    return { kind: 'created' as const }
  })
  if (outcome.kind === 'forked')
    throw new RegistryError('agreement-forked', `${terms.claims.jti} has the hash ${outcome.hash} already`)
  return { jti: terms.claims.jti, hash: terms.hash, created: outcome.kind === 'created' }
}

async function demandTerms(
  deps: RootDeps,
  { sender, keys, body }: RootRequest<z.infer<typeof Body>>,
): Promise<CheckedAgreement> {
  const { entityId, ambient } = deps.node
  const refuse = (detail: string) => new RegistryError('agreement-invalid', detail)
  if (body.agreement.signatures.length !== 1)
    throw refuse('A proposal carries the signature of its sender alone')
  const checked = await checkAgreement(body.agreement, (id) => (id === sender.entityId ? keys : []))
  if (checked.kind === 'rejected') throw refuse(`${checked.reason}: ${checked.detail}`)
  const { claims } = checked
  if (!claims.parties.some((party) => party.entity_id === entityId)) throw refuse(`${entityId} is no party`)
  const entry = claims.parties.find((party) => party.entity_id === sender.entityId)
  const { codePrefixes, territory } = sender
  const isAsPinned =
    entry?.territory === territory &&
    entry.code_prefixes.length === codePrefixes.length &&
    entry.code_prefixes.every((prefix) => codePrefixes.includes(prefix))
  if (!isAsPinned) throw refuse(`The entry of ${sender.entityId} is not as it is pinned here`)
  const own = claims.parties.find((party) => party.entity_id === entityId)
  if (own?.code_prefixes.length !== 1 || own.code_prefixes[0] !== deps.prefix)
    throw refuse(`The code prefix of ${entityId} is ${deps.prefix}`)
  const late = agreementDateFault(claims, numericDate(ambient.now()), CLOCK_SKEW_SECONDS)
  if (late !== undefined) throw new RegistryError('agreement-state', `The terms cannot be signed: ${late}`)
  return checked
}

async function demandRoom(deps: RootDeps, tx: Transaction<RootTables>, sender: string): Promise<void> {
  const kept = await countUnsigned(tx, { sender, by: deps.node.entityId })
  if (kept >= PROPOSALS_KEPT_MAX)
    throw new RegistryError('agreement-limit', `${sender} has made ${kept} proposals that were not taken up`)
  const all = await deps.agreements.all()
  const at = numericDate(deps.node.ambient.now())
  const waiting = all.filter(
    (each) => each.sender === sender && each.missing.length > 0 && !isOver(stageOf(each, all, at)),
  )
  if (waiting.length >= PROPOSALS_WAITING_MAX)
    throw new RegistryError('agreement-limit', `${PROPOSALS_WAITING_MAX} proposals of ${sender} wait already`)
}
