import { issuerTables, queueEntries } from '@arc3088/issuer'
import { recordHash, signAdvisory } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { Approved } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { queueList } from '../lists/log-list.ts'
import { ADVISORIES_PATH, withAdvisory } from './advisory-list.ts'
import { insertAdvisory } from './advisory.store.ts'
import { advisoryOf, entryOf, uuidOf, type AdvisoryPayload } from './advisory.ts'

/** What an act about an advisory led to. */
export interface AdvisoryIssued {
  readonly advisory: string
  readonly version: number
  readonly hash: string
  readonly uri: string
}

/** Signs a version that was decided, stores it, and queues it and the list that it makes for the log, in one transaction. */
export async function issueAdvisory(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  approved: Approved<AdvisoryPayload>,
): Promise<AdvisoryIssued> {
  const { node, lists } = deps
  const claims = advisoryOf(node.entityId, approved)
  const jws = await signAdvisory(node.keys.active('federation'), claims)
  const hash = await recordHash(jws)
  const advisory = uuidOf(claims.sub)
  await insertAdvisory(tx, {
    advisory,
    version: claims.version,
    hash,
    jws,
    proposalId: approved.proposalId,
    issuedAt: approved.decidedAt,
  })
  const at = node.ambient.now()
  const entry = { v: 1, t: 'advisory', c: claims.sub, h: hash, i: numericDate(at) } as const
  await queueEntries(issuerTables(tx), [entry], at)
  const { entries } = await lists.advisories.standing()
  const standing = await lists.advisories.after(withAdvisory(entries, entryOf(claims, hash)))
  await queueList(deps, tx, { path: ADVISORIES_PATH, standing })
  node.ambient.reached('advisory:issued')
  return {
    advisory: claims.sub,
    version: claims.version,
    hash,
    uri: `${node.entityId}${ADVISORIES_PATH}/${advisory}`,
  }
}
