import { insertAuditEntry, issuerTables, type Tier } from '@arc3088/issuer'
import type { Ambient } from '@arc3088/service'

import { readTakenList } from '../advisories/root-list.store.ts'
import type { Mandate } from '../appointment/mandate.ts'
import type { ProviderTables } from '../db/tables.ts'
import { tiersIn } from '../scenarios/scenario-tiers.ts'
import { judgeApproval, type OntologyApproval, type OntologyFacts } from './approval.ts'
import { insertReviewTransition, lockOntologies, markApproved } from './ontology.store.ts'

/** The second tier: a reviewed ontology gets a code that ends in .0 (GB/Z 185.2 5.6 b). */
export function ontologyTier(parts: {
  mandate: () => Mandate
  ambient: Ambient
}): Tier<OntologyApproval, OntologyFacts, ProviderTables> {
  const { mandate, ambient } = parts
  return {
    level: 'ontology',
    operation: 'ontology:approve',
    wishOf: (request) => request.wish,
    businessTypeOf: (request) => request.businessType,
    lockKeys: () => [],
    readFacts: async (tx, requests) => {
      const ids = requests.map((request) => request.ontologyId)
      const ontologies = await lockOntologies(tx, ids)
      const table = await readTakenList(tx, 'scenarios')
      return { ontologies, mandate: mandate(), tiers: tiersIn(table?.content) }
    },
    judge: judgeApproval,
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
        const { ontologyId, operator, reason, evidence } = request
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
          detail: { code: subject.text, ...(evidence.length === 0 ? {} : { evidence }) },
        })
      }
    },
  }
}
