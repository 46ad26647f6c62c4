import type { ProviderNumber } from '@arc3088/codec'
import { insertAuditEntry, issuerTables, type Tier } from '@arc3088/issuer'
import type { Ambient } from '@arc3088/service'

import type { ProviderTables } from '../db/tables.ts'
import { judgeApproval, type OntologyApproval } from './approval.ts'
import type { Ontology } from './ontology.ts'
import { insertReviewTransition, lockOntologies, markApproved } from './ontology.store.ts'

/** The second tier: a reviewed ontology gets a code that ends in .0 (GB/Z 185.2 5.6 b). */
export function ontologyTier(parts: {
  provider: ProviderNumber
  ambient: Ambient
}): Tier<OntologyApproval, ReadonlyMap<string, Ontology>, ProviderTables> {
  const { provider, ambient } = parts
  return {
    level: 'ontology',
    operation: 'ontology:approve',
    wishOf: (request) => request.wish,
    lockKeys: () => [],
    readFacts: (tx, requests) =>
      lockOntologies(
        tx,
        requests.map((request) => request.ontologyId),
      ),
    judge: (request, facts, earlier) => judgeApproval(request, facts, earlier, provider),
    async insert(tx, assigned) {
      await markApproved(
        tx,
        assigned.map(({ request, key, issuedAt }) => ({
          requester: key.requester,
          id: request.ontologyId,
          ontology: key.ontology,
          at: issuedAt,
        })),
      )
      for (const { request, key, subject, issuedAt } of assigned) {
        const { ontologyId, operator, reason } = request
        await insertReviewTransition(tx, {
          requester: key.requester,
          ontologyId,
          id: ambient.newId(),
          act: 'approve',
          from: 'under-review',
          to: 'approved',
          actor: operator,
          reason,
          at: issuedAt,
        })
        await insertAuditEntry(issuerTables(tx), {
          id: ambient.newId(),
          at: issuedAt,
          actor: operator,
          act: 'ontology:approve',
          object: `ontology:${ontologyId}`,
          reason,
          detail: { code: subject.text },
        })
      }
    },
  }
}
