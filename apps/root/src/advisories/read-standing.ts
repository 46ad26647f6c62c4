import { ADVISORIES_A_PAGE, type Advisory, type AdvisoryEntry } from '@arc3088/records'
import { numericDate } from '@arc3088/service'

import type { RootDeps } from '../deps.ts'
import { demandPage, paged } from '../lists/list-chain.ts'
import type { ProviderLife } from '../providers/provider-life.ts'
import { countAcknowledgements, readAcknowledgements } from './acknowledgement.store.ts'
import { concernedProviders, uuidOf } from './advisory.ts'
import { findProviders } from './find-providers.ts'
import { readProvenAdvisory } from './read-advisory.ts'

/** How many of those concerned have acknowledged the newest version of an advisory. */
export interface AdvisoryStanding {
  readonly entry: AdvisoryEntry
  readonly concerned: number
  readonly acknowledged: number
}

/** One provider that is concerned, and whether it has acknowledged. */
export interface ProviderStanding {
  readonly provider: ProviderLife
  readonly state: 'acknowledged' | 'outstanding' | 'overdue'
  /** When it acknowledged; else since when it is waited for. */
  readonly since: Date
}

/** A page of the list as the desk sees it: newest first, with who has answered. */
export async function readStandings(
  deps: RootDeps,
  page: number,
): Promise<{ page: number; pages: number; items: AdvisoryStanding[] }> {
  const { entries } = await deps.lists.advisories.standing()
  const pages = paged(entries.toReversed(), ADVISORIES_A_PAGE)
  const items = demandPage(pages, page)
  const counts = await countAcknowledgements(
    deps.node.db,
    items.map(({ id }) => uuidOf(id)),
  )
  return {
    page,
    pages: pages.length,
    items: items.map((entry) => ({
      entry,
      concerned: concernedProviders(entry.affected, deps.prefix).length,
      acknowledged: counts.get(`${uuidOf(entry.id)}/${entry.version}`) ?? 0,
    })),
  }
}

/** The newest version of an advisory with every provider that it concerns. */
export async function readProviderStandings(
  deps: RootDeps,
  uuid: string,
): Promise<{ advisory: Advisory; hash: string; providers: ProviderStanding[] }> {
  const { claims, hash } = await readProvenAdvisory(deps, { uuid })
  const concerned = await findProviders(deps, concernedProviders(claims.affected, deps.prefix))
  const answers = await readAcknowledgements(deps.node.db, { advisory: uuid, version: claims.version })
  const now = numericDate(deps.node.ambient.now())
  const isOverdue = claims.acknowledge_by !== undefined && claims.acknowledge_by < now
  const providers = concerned.map((provider): ProviderStanding => {
    const answer = answers.get(provider.code)
    return answer === undefined
      ? { provider, state: isOverdue ? 'overdue' : 'outstanding', since: new Date(claims.iat * 1000) }
      : { provider, state: 'acknowledged', since: answer.at }
  })
  return { advisory: claims, hash, providers }
}
