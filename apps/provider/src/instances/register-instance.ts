import type { IdentityCode } from '@arc3088/codec'
import type { Outcome } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { IdempotencyKey } from '@arc3088/service'

import type { ProviderDeps } from '../deps.ts'
import { demandRequesterCode } from '../requesters/read-requesters.ts'

/** Registers one instance of an ontology of the caller. The same registration again answers the same record. */
export async function registerInstance(
  deps: ProviderDeps,
  registration: {
    ontology: IdentityCode
    requesterId: string
    wish: number | undefined
    businessType: string | undefined
    idempotency: IdempotencyKey
  },
): Promise<Extract<Outcome, { kind: 'assigned' }>> {
  const { requesterId, wish, businessType, idempotency } = registration
  const { requester, ontology } = await demandOwnOntology(deps, registration)
  return await deps.assigners().instance({
    request: { requester, ontology, wish, businessType },
    principal: requesterId,
    scopeRequester: requester,
    idempotency,
  })
}

/** The numbers of an ontology code that is the caller's own. Whether it may have instances now is judged with each. */
export async function demandOwnOntology(
  deps: ProviderDeps,
  { ontology, requesterId }: { ontology: IdentityCode; requesterId: string },
): Promise<{ text: string; requester: number; ontology: number }> {
  if (ontology.level !== 'ontology')
    throw new RegistryError('ontology-not-found', `${ontology.text} is an instance, not an ontology`)
  const requester = await demandRequesterCode(deps, requesterId)
  if (ontology.requester !== requester)
    throw new RegistryError('forbidden', `${ontology.text} belongs to another requester`)
  return { text: ontology.text, requester, ontology: ontology.ontology }
}
