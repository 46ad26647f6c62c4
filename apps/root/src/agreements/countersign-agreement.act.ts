import { RegistryError } from '@arc3088/problems'
import { AgreementId, Base64urlSha256 } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Kysely } from 'kysely'
import { z } from 'zod'

import { defineAct } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { AgreementToSign, COUNTERSIGN_AGREEMENT } from './agreement-decision.ts'
import { agreementIdOf, agreementObject } from './agreement-name.ts'
import { demandAgreement } from './agreement.store.ts'
import { stageOf } from './known-agreement.ts'
import { demandDecidable, lockAgreement, signTerms, type TermsSigned } from './sign-terms.ts'

/** Which terms: the hash binds the proposal to what was read. */
const Ask = z.strictObject({ jti: AgreementId, hash: Base64urlSha256 })

/** The terms as they came in, where they still wait for this root's signature. */
async function demandWaiting(
  deps: RootDeps,
  db: Kysely<RootTables>,
  { jti, hash }: z.infer<typeof Ask>,
): Promise<AgreementToSign> {
  const { entityId, ambient } = deps.node
  const known = demandAgreement(await deps.agreements.read(db, agreementIdOf(jti)), jti)
  if (known.hash !== hash)
    throw new RegistryError('agreement-state', `The hash of the terms is ${known.hash}`)
  if (known.signed.includes(entityId))
    throw new RegistryError('agreement-state', 'This root has signed already')
  const stage = stageOf(known, [known], numericDate(ambient.now()))
  if (stage !== 'proposed') throw new RegistryError('agreement-state', `The agreement is ${stage}`)
  const decided = { hash: known.hash, payload: known.jws.payload, agreement: known.claims }
  await demandDecidable(deps, decided)
  return decided
}

/** This root agrees to what another has proposed: it signs the very same bytes. */
export const countersignAgreement = defineAct<z.infer<typeof Ask>, AgreementToSign, TermsSigned>({
  kind: COUNTERSIGN_AGREEMENT,
  summary: 'Sign an agreement that another root has proposed',
  proposers: ['officer'],
  ask: Ask,
  payload: AgreementToSign,
  async prepare(deps, tx, ask) {
    const payload = await demandWaiting(deps, tx, ask)
    const others = payload.agreement.parties.filter((party) => party.entity_id !== deps.node.entityId)
    return {
      payload,
      objects: [
        agreementObject(agreementIdOf(ask.jti)),
        ...others.map((party) => `agreement-with:${party.entity_id}`),
      ],
    }
  },
  async carryOut(deps, tx, { payload, decidedAt: at }) {
    const { jti } = payload.agreement
    await lockAgreement(tx, agreementIdOf(jti))
    const decided = await demandWaiting(deps, tx, { jti, hash: payload.hash })
    return await signTerms(deps, tx, { decided, kind: 'signature', at })
  },
})
