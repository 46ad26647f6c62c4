import type { ProviderNumber } from '@arc3088/codec'
import { insertAuditEntry, issuerTables, type Tier } from '@arc3088/issuer'
import type { Ambient } from '@arc3088/service'

import type { ProviderTables } from '../db/tables.ts'
import type { Requester } from './requester.ts'
import { lockRequesters, markVerified } from './requester.store.ts'
import { judgeVerification, type RequesterVerification } from './verification.ts'

/** The first tier below a provider: an organisation or a person gets a requester code (GB/Z 185.2 5.5). */
export function requesterTier(parts: {
  provider: ProviderNumber
  ambient: Ambient
}): Tier<RequesterVerification, ReadonlyMap<string, Requester>, ProviderTables> {
  const { provider, ambient } = parts
  return {
    level: 'requester',
    operation: 'requester:verify',
    wishOf: (request) => request.wish,
    lockKeys: () => [],
    readFacts: (tx, requests) =>
      lockRequesters(
        tx,
        requests.map((request) => request.requesterId),
      ),
    judge: (request, facts, earlier) => judgeVerification(request, facts, earlier, provider),
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
