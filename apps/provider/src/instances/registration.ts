import { formatSegment } from '@arc3088/codec'
import type { Judgement } from '@arc3088/issuer'

import { refuseLapsed, type Mandate } from '../appointment/mandate.ts'
import type { Life } from '../life/life.ts'
import type { RequesterState } from '../requesters/requester.ts'

/** A wish for one instance of an ontology. */
export interface InstanceRegistration {
  readonly requester: number
  readonly ontology: number
  /** A serial that the requester chose. */
  readonly wish: number | undefined
  /** Whose ranges the serial comes from; undefined where the registration names none. */
  readonly businessType: string | undefined
}

/** What stands above an instance. */
export interface InstanceParent {
  readonly life: Life
  readonly requesterState: RequesterState
}

/** What a batch is judged by. */
export interface InstanceFacts {
  /** By `parentKey`. */
  readonly parents: ReadonlyMap<string, InstanceParent>
  readonly mandate: Mandate
}

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
  { parents, mandate }: InstanceFacts,
): Judgement {
  const lapsed = refuseLapsed(mandate)
  if (lapsed !== undefined) return lapsed
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
    parent: { provider: mandate.provider, requester, ontology, instance: 0 },
    ...(wish === undefined ? {} : { wish }),
  }
}
