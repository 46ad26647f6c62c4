import { formatSegment, type ProviderNumber } from '@arc3088/codec'
import type { Judgement } from '@arc3088/issuer'

import type { Life } from '../life/life.ts'
import type { RequesterState } from '../requesters/requester.ts'

/** A wish for one instance of an ontology. */
export interface InstanceRegistration {
  readonly requester: number
  readonly ontology: number
  /** A serial that the requester chose. */
  readonly wish: number | undefined
}

/** What stands above an instance. */
export interface InstanceParent {
  readonly life: Life
  readonly requesterState: RequesterState
}

/** The parents of a batch, by `parentKey`. */
export type InstanceParents = ReadonlyMap<string, InstanceParent>

/** Names the parent of a registration within its batch. */
export function parentKey({
  requester,
  ontology,
}: Pick<InstanceRegistration, 'requester' | 'ontology'>): string {
  return `${requester}.${ontology}`
}

/**
 * Decides whether an instance gets its serial: automatic, from an approved ontology of an active requester
 * (GB/Z 185.2 table A.1 row 4).
 */
export function judgeRegistration(
  request: InstanceRegistration,
  parents: InstanceParents,
  provider: ProviderNumber,
): Judgement {
  const { requester, ontology, wish } = request
  const parent = parents.get(parentKey(request))
  if (parent === undefined) {
    const detail = `This requester has no ontology ${formatSegment(ontology)}`
    return { kind: 'refuse', because: 'ontology-not-found', detail }
  }
  if (parent.life !== 'active')
    return { kind: 'refuse', because: 'ontology-state', detail: `The ontology is ${parent.life}` }
  if (parent.requesterState !== 'active')
    return { kind: 'refuse', because: 'requester-state', detail: `The requester is ${parent.requesterState}` }
  return {
    kind: 'assign',
    parent: { provider, requester, ontology, instance: 0 },
    ...(wish === undefined ? {} : { wish }),
  }
}
