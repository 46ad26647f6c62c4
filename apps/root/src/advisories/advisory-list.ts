import { ADVISORIES_A_PAGE, signAdvisoryList, type AdvisoryEntry } from '@arc3088/records'

import { withEntry } from '../lists/list-chain.ts'
import type { ListRules } from '../lists/decided-list.ts'
import type { StoredAdvisory } from './advisory.store.ts'
import { ADVISORY_ACTS, AdvisoryPayload, advisoryOf, entryOf, saysExactly, uuidOf } from './advisory.ts'

/** Where the list is served. */
export const ADVISORIES_PATH = '/v1/advisories'

/** The list of advisories: an entry each, of the newest version that was decided and is stored as it was decided. */
export function advisoryListRules(parts: {
  entityId: string
  readVersion: (version: { advisory: string; version: number }) => Promise<StoredAdvisory | undefined>
}): ListRules<AdvisoryEntry> {
  const { entityId, readVersion } = parts
  return {
    kinds: ADVISORY_ACTS,
    entriesAPage: ADVISORIES_A_PAGE,
    first: [],
    async turn(entries, decision) {
      const payload = AdvisoryPayload.safeParse(decision.payload)
      if (!payload.success) return undefined
      const decided = advisoryOf(entityId, { ...decision, payload: payload.data })
      const stored = await readVersion({ advisory: uuidOf(decided.sub), version: decided.version })
      if (stored === undefined || !(await saysExactly(stored.jws, decided))) return undefined
      return withAdvisory(entries, entryOf(decided, stored.hash))
    },
    sign: async (signer, page) => await signAdvisoryList(signer, { ...page, entries: [...page.entries] }),
  }
}

/** The entries with one more version. */
export function withAdvisory(
  entries: readonly AdvisoryEntry[],
  entry: AdvisoryEntry,
): readonly AdvisoryEntry[] {
  return withEntry(entries, entry, ({ id }) => id)
}
