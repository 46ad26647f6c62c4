import type { Judgement } from '@arc3088/issuer'
import type { ScenarioTiers } from '@arc3088/records'

import { refuseLapsed, type Mandate } from '../appointment/mandate.ts'
import type { EvidenceReference } from '../requesters/requester.ts'
import type { Ontology } from './ontology.ts'
import { judgeReview } from './review.ts'

/** Tiered governance: sensitive fields need human review and evidence. */
const EVIDENCE_CLAUSE = 'Implementation Opinions, item 11'

/** What a reviewer decided about a submitted ontology. */
export interface OntologyApproval {
  readonly ontologyId: string
  readonly wish: number | undefined
  /** Whose ranges the serial comes from; undefined where the approval names none. */
  readonly businessType: string | undefined
  /** What bears the approval out, such as a certificate: a sensitive scenario asks for it. */
  readonly evidence: readonly EvidenceReference[]
  readonly operator: string
  readonly reason: string
}

/** What a batch is judged by. */
export interface OntologyFacts {
  /** By id. */
  readonly ontologies: ReadonlyMap<string, Ontology>
  readonly mandate: Mandate
  /** How strictly each scenario is governed, by the root's table. */
  readonly tiers: ScenarioTiers
}

/**
 * Decides whether an ontology gets its serial (GB/Z 185.2 5.6 b). One submission never yields two codes (6 d),
 * however many reviewers approve it at once: `earlier` are the approvals of the same batch.
 */
export function judgeApproval(
  request: OntologyApproval,
  { ontologies, mandate, tiers }: OntologyFacts,
  earlier: readonly OntologyApproval[],
): Judgement {
  const lapsed = refuseLapsed(mandate)
  if (lapsed !== undefined) return lapsed
  const ontology = ontologies.get(request.ontologyId)
  if (ontology === undefined) {
    const detail = `There is no ontology ${request.ontologyId}`
    return { kind: 'refuse', because: 'ontology-not-found', detail }
  }
  const move = judgeReview('approve', ontology.review, { by: ontology.takenBy, actor: request.operator })
  if (move.kind === 'refuse') return move
  if (earlier.some((one) => one.ontologyId === request.ontologyId))
    return { kind: 'refuse', because: 'ontology-state', detail: 'The ontology is approved' }
  const { scenario } = ontology.description
  if (tiers[scenario] === 'sensitive' && request.evidence.length === 0) {
    const detail = `The scenario ${scenario} is sensitive: an approval names its evidence`
    return {
      kind: 'refuse',
      because: 'evidence-required',
      detail,
      extra: { scenario, clause: EVIDENCE_CLAUSE },
    }
  }
  if (ontology.core === null) throw new Error('An ontology is under review without the digest of its core')
  return {
    kind: 'assign',
    parent: { provider: mandate.provider, requester: ontology.requester, ontology: 0, instance: 0 },
    ...(request.wish === undefined ? {} : { wish: request.wish }),
    extra: { core_profile: ontology.core.profile, core_digest: ontology.core.digest },
  }
}
