import { insertAuditEntry, issuerTables, type Tier } from '@arc3088/issuer'
import type { Ambient } from '@arc3088/service'

import type { Mandate } from '../appointment/mandate.ts'
import type { ProviderTables } from '../db/tables.ts'
import { lockRequesters, markVerified } from './requester.store.ts'
import { judgeVerification, type RequesterFacts, type RequesterVerification } from './verification.ts'

/** The first tier below a provider: an organisation or a person gets a requester code (GB/Z 185.2 5.5). */
export function requesterTier(parts: {
  mandate: () => Mandate
  ambient: Ambient
}): Tier<RequesterVerification, RequesterFacts, ProviderTables> {
  const { mandate, ambient } = parts
  return {
    level: 'requester',
    operation: 'requester:verify',
    wishOf: (request) => request.wish,
    businessTypeOf: (request) => request.businessType,
    lockKeys: () => [],
    readFacts: async (tx, requests) => {
      const ids = requests.map((request) => request.requesterId)
      return { requesters: await lockRequesters(tx, ids), mandate: mandate() }
    },
    judge: judgeVerification,
    async insert(tx, assigned) {
      await markVerified(
        tx,
        assigned.map(({ request, key, issuedAt }) => ({
          id: request.requesterId,
          code: key.requester,
          operator: request.operator,
          at: issuedAt,
        })),
      )
      for (const { request, subject, issuedAt } of assigned) {
        await insertAuditEntry(issuerTables(tx), {
          id: ambient.newId(),
          at: issuedAt,
          actor: request.operator,
          act: 'requester:verify',
          object: `requester:${request.requesterId}`,
          reason: request.reason,
          detail: { code: subject.text },
        })
      }
    },
  }
}
