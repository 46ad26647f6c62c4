import { ownLogMetadata } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  agreementFault,
  AgreementId,
  agreementPayload,
  EntityId,
  NumericDate,
  RecognitionAgreement,
  sha256Base64url,
  type AgreementParty,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { z } from 'zod'

import { defineAct, type Act } from '../acts/act.ts'
import type { RootDeps } from '../deps.ts'
import { AgreementToSign, PROPOSE_AGREEMENT, SUPERSEDE_AGREEMENT } from './agreement-decision.ts'
import { agreementIdOf, agreementName, agreementObject } from './agreement-name.ts'
import { demandAgreement, insertAgreement } from './agreement.store.ts'
import { foreignFacts, ownFacts, type PartyFacts } from './judge-terms.ts'
import { demandDecidable, lockAgreement, signTerms, type TermsSigned } from './sign-terms.ts'

const PARTIES_MAX = 15
const terms = RecognitionAgreement.shape
const CONTACT_LENGTH_MAX = 256
const Contact = z.string().min(1).max(CONTACT_LENGTH_MAX)

/** What the desk says of new terms; entries and keys of the parties come from what is pinned. */
const Terms = z.strictObject({
  /** Of this root's own entry. */
  contact: Contact,
  parties: z
    .array(z.strictObject({ entity_id: EntityId, contact: Contact }))
    .min(1)
    .max(PARTIES_MAX),
  nbf: NumericDate,
  exp: terms.exp,
  review_by: terms.review_by,
  notice_period_days: terms.notice_period_days,
  scope: terms.scope,
  constraints: terms.constraints,
  witnessing: terms.witnessing,
  legal: terms.legal,
})
type Terms = z.infer<typeof Terms>
const NextTerms = Terms.extend({ supersedes: AgreementId })

async function entryOf(deps: RootDeps, facts: PartyFacts, contact: string): Promise<AgreementParty> {
  const { entityId } = facts
  const { node } = deps
  const ownLog = ownLogMetadata(node.entityId, node.keys.published('tlog'))
  const root = (await deps.foreignRoots.all()).get(entityId)
  const log = root === undefined ? undefined : await deps.foreignRoots.logOf(root)
  return {
    entity_id: entityId,
    territory: facts.territory,
    code_prefixes: [...facts.codePrefixes],
    jwks_thumbprints: [...facts.federationKids],
    root_keys_thumbprints: [...facts.rootKids],
    tlog_vkeys: [...(entityId === node.entityId ? ownLog.vkeys : (log?.vkeys ?? []))],
    contact,
  }
}

/** Writes the terms out: this root first, then the others as they were named. */
async function draft(
  deps: RootDeps,
  asked: Terms,
  place: Pick<RecognitionAgreement, 'version' | 'supersedes'>,
): Promise<RecognitionAgreement> {
  const { contact, parties, ...rest } = asked
  const entries = [await entryOf(deps, ownFacts(deps), contact)]
  for (const party of parties) {
    entries.push(await entryOf(deps, await foreignFacts(deps, party.entity_id), party.contact))
  }
  const iat = numericDate(deps.node.ambient.now())
  const claims = RecognitionAgreement.safeParse({
    jti: agreementName(deps.node.ambient.newId()),
    ...place,
    iat,
    ...rest,
    nbf: Math.max(rest.nbf, iat),
    parties: entries,
  })
  if (!claims.success)
    throw new RegistryError('agreement-invalid', z.prettifyError(claims.error).replaceAll('\n', ' '))
  const fault = agreementFault(claims.data)
  if (fault !== undefined) throw new RegistryError('agreement-invalid', fault.detail)
  return claims.data
}

async function prepareTerms(deps: RootDeps, agreement: RecognitionAgreement) {
  const payload = agreementPayload(agreement)
  const decided = { hash: await sha256Base64url(payload), payload, agreement }
  await demandDecidable(deps, decided)
  const names = [agreement.jti, ...(agreement.supersedes === null ? [] : [agreement.supersedes.jti])]
  const objects = [
    ...names.map((jti) => agreementObject(agreementIdOf(jti))),
    ...agreement.parties
      .filter((party) => party.entity_id !== deps.node.entityId)
      .map((party) => `agreement-with:${party.entity_id}`),
  ]
  return { payload: decided, objects }
}

const carryOut: Act<never, AgreementToSign, TermsSigned>['carryOut'] = async (deps, tx, approved) => {
  const { payload: decided, decidedAt: at } = approved
  await demandDecidable(deps, decided)
  const { hash, payload, agreement } = decided
  const id = agreementIdOf(agreement.jti)
  await lockAgreement(tx, id)
  await insertAgreement(tx, { id, hash, payload, sender: deps.node.entityId, receivedAt: at })
  return await signTerms(deps, tx, { decided, kind: 'terms', at })
}

/** This root proposes an agreement: it signs first, and every other party is asked to. */
export const proposeAgreement = defineAct<Terms, AgreementToSign, TermsSigned>({
  kind: PROPOSE_AGREEMENT,
  summary: 'Propose an agreement on mutual recognition to other roots, signed first by this one',
  proposers: ['officer'],
  ask: Terms,
  payload: AgreementToSign,
  prepare: async (deps, _tx, ask) =>
    await prepareTerms(deps, await draft(deps, ask, { version: 1, supersedes: null })),
  carryOut,
})

/** This root proposes the next version of an agreement: it replaces the one before when it comes into force. */
export const supersedeAgreement = defineAct<z.infer<typeof NextTerms>, AgreementToSign, TermsSigned>({
  kind: SUPERSEDE_AGREEMENT,
  summary: 'Propose the next version of an agreement, also with further parties; all of them sign it',
  proposers: ['officer'],
  ask: NextTerms,
  payload: AgreementToSign,
  async prepare(deps, tx, { supersedes, ...ask }) {
    const before = demandAgreement(await deps.agreements.read(tx, agreementIdOf(supersedes)), supersedes)
    const place = {
      version: before.claims.version + 1,
      supersedes: { jti: before.claims.jti, hash: before.hash },
    }
    return await prepareTerms(deps, await draft(deps, ask, place))
  },
  carryOut,
})
