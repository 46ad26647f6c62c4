import type { CodeSegments } from '@arc3088/codec'
import type {
  AdvisoryEntry,
  AdvisoryKind,
  AdvisorySeverity,
  LanguageTitle,
  ListStanding,
  WholeList,
} from '@arc3088/records'
import { collectList, judgeListSuccession, verifyAdvisoryList } from '@arc3088/records'

import type { AnchoredParty } from './anchored-party.ts'
import { createBasket } from './basket.ts'
import type { Patience } from './document-source.ts'
import { HOLD_OFF_SECONDS } from './document-source.ts'
import type { WalkParts } from './stations.ts'
import { reachRoot } from './stations.ts'

/** An advisory of the pinned root that touches a code: a warning, or an order to recall. */
export interface AdvisoryNotice {
  readonly id: string
  readonly kind: AdvisoryKind
  readonly severity: AdvisorySeverity
  readonly title: LanguageTitle
  /** Where the signed advisory is, at the root. */
  readonly uri: string
}

/** The advisories that touch a code, and until when asking again would bring no others; milliseconds since the epoch. */
export interface Notices {
  readonly notices: readonly AdvisoryNotice[] | undefined
  readonly freshUntil: number
}

/** The advisories of the pinned root, as its newest signed list has them. */
export interface AdvisoryBook {
  /** `notices` is undefined where no list can be had that holds: then nobody can tell. */
  touching(
    code: { readonly code: string; readonly segments?: CodeSegments },
    patience: Patience,
  ): Promise<Notices>
}

interface KnownList extends ListStanding {
  /** By each code and code prefix that an advisory names. */
  readonly byText: ReadonlyMap<string, readonly AdvisoryNotice[]>
  readonly exp: number
  freshUntil: number
}

const LIST_PATH = '/v1/advisories'

/**
 * Builds the book. The list is taken whole and verified once for its ttl, however many codes are asked about; one that is
 * older than the one known, or another of its number, is refused, and the known one is used until it expires. One that
 * could not be had, or does not hold, is asked for again as soon as any document of that node would be.
 */
export function createAdvisoryBook(parts: WalkParts, now: () => number): AdvisoryBook {
  let known: KnownList | undefined
  let retryAt = 0
  let inFlight: Promise<void> | undefined

  async function refresh(patience: Patience): Promise<void> {
    const next = await takeList(parts, { patience, at: Math.floor(now() / 1000) })
    if (next === undefined) {
      retryAt = now() + HOLD_OFF_SECONDS * 1000
      return
    }
    const succession = judgeListSuccession(known, next)
    if (succession === 'rolled-back' || succession === 'forked') retryAt = now() + HOLD_OFF_SECONDS * 1000
    else known = next
  }

  return {
    async touching({ code, segments }, patience) {
      if ((known === undefined || now() >= known.freshUntil) && now() >= retryAt) {
        inFlight ??= refresh(patience).finally(() => {
          inFlight = undefined
        })
        await inFlight
      }
      if (known === undefined || now() / 1000 > known.exp) return { notices: undefined, freshUntil: retryAt }
      const { byText } = known
      const notices = namesAbove(code, segments).flatMap((text) => byText.get(text) ?? [])
      const distinct = [...new Map(notices.map((notice) => [notice.id, notice])).values()]
      const freshUntil = Math.min(known.exp * 1000, Math.max(known.freshUntil, retryAt))
      return { notices: distinct, freshUntil }
    },
  }
}

/** The code, and what stands above it: whatever names one of these touches it. */
function namesAbove(code: string, segments: CodeSegments | undefined): string[] {
  if (segments === undefined) return [code]
  const { prefix, version, provider, requester, ontology } = segments
  const ofProvider = `${prefix}.${version}.${provider}`
  const ofRequester = requester === undefined ? [] : [`${ofProvider}.${requester}`]
  const ofOntology = ontology === undefined ? [] : ofRequester.map((above) => `${above}.${ontology}.0`)
  return [...new Set([ofProvider, ...ofRequester, ...ofOntology, code])]
}

async function takeList(
  parts: WalkParts,
  { patience, at }: { patience: Patience; at: number },
): Promise<KnownList | undefined> {
  const basket = createBasket(parts.source, patience)
  const root = await reachRoot(parts, basket)
  if (root === undefined) return undefined
  let freshUntil = Number.POSITIVE_INFINITY
  const list = await collectList<AdvisoryEntry>(
    async (page) => {
      const outcome = await parts.source.obtain('advisory-list', pageAddress(root.party, page), patience)
      if (outcome.kind === 'absent') return ''
      freshUntil = Math.min(freshUntil, outcome.document.freshUntil)
      return outcome.document.body
    },
    { verify: verifyAdvisoryList, keys: root.authority.federationKeys, issuer: root.party.entityId, at },
  )
  return 'kind' in list ? undefined : indexed(list, root.party, freshUntil)
}

function pageAddress({ entityId, reachedAt }: AnchoredParty, page: number): string {
  return `${reachedAt}${new URL(entityId).pathname.replace(/\/$/, '')}${LIST_PATH}?page=${page}`
}

function indexed(list: WholeList<AdvisoryEntry>, root: AnchoredParty, freshUntil: number): KnownList {
  const byText = new Map<string, AdvisoryNotice[]>()
  for (const { id, kind, severity, title, affected, state } of list.entries) {
    if (state === 'withdrawn') continue
    const uri = `${root.entityId.replace(/\/$/, '')}${LIST_PATH}/${id.slice('urn:uuid:'.length)}`
    for (const text of affected) {
      const here = byText.get(text) ?? []
      here.push({ id, kind, severity, title, uri })
      byText.set(text, here)
    }
  }
  const { seq, prev, digest, exp } = list
  return { seq, prev, digest, exp, byText, freshUntil }
}
