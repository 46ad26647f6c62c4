import type { GeneralJws, RootKeySetJws } from '@arc3088/records'
import type { EvidenceBundleInput } from '@arc3088/trust'

import type { CachedDocument } from './document-cache.ts'
import type { DocumentKind } from './document-kind.ts'
import type { DocumentSource, Patience, Trouble } from './document-source.ts'

/** What one walk brought home. Times are milliseconds since the epoch. */
export interface Collected {
  /** Evidence as far as it could be had (W6); what is missing is missing. */
  readonly evidence: EvidenceBundleInput
  readonly troubles: readonly Trouble[]
  /** The instant from which the same walk might bring something else. */
  readonly freshUntil: number
  /** When the oldest document was fetched; infinite where there is none. */
  readonly oldestFetchedAt: number
}

/** How the root of a code came to be trusted (W9, W10); what could not be had is left out. */
export interface RecognitionEvidence {
  readonly list?: string
  readonly agreement?: GeneralJws
  readonly events?: readonly string[]
  /** Of the pinned root. */
  readonly root_keys: readonly RootKeySetJws[]
}

/** Gathers documents on a walk, and remembers how old they are and what could not be had. */
export interface Basket {
  /** Everything fetched goes in here, sound or not: the verifier judges all of it. */
  readonly evidence: {
    keySets: readonly RootKeySetJws[]
    /** From the provider up: its configuration, the root's statement, the root's configuration. */
    statements: readonly string[]
    readonly records: string[]
    readonly statusListTokens: string[]
    /** By the hash of the record that they are of. */
    readonly logProofs: Record<string, string>
    readonly keyHistories: string[]
    resolution: string | undefined
    /** Only of a code under another root than the pinned one. */
    recognition: RecognitionEvidence | undefined
  }
  /**
   * The document at the address; undefined, which is noted, where it cannot be had or `what` has no good address. What
   * was fetched before `freshAfter`, in milliseconds, is asked for again.
   */
  take(
    kind: DocumentKind,
    address: string | undefined,
    what: string,
    options?: { readonly freshAfter?: number },
  ): Promise<CachedDocument | undefined>
  /** Notes what was refused of what came. */
  complain(trouble: Trouble): void
  close(): Collected
}

/**
 * Documents of one walk at most: thirteen for chain, records and status lists, a log proof for each of four records, a
 * key history of root and provider, and a live answer; for a code under another root also key sets and configuration of
 * the pinned one, its recognition list, once more where it is too old, an agreement and its events. Whatever a node says, a walk asks for no more.
 */
export const WALK_DOCUMENTS_MAX = 26

/** Builds an empty basket for one walk. */
export function createBasket(source: DocumentSource, patience: Patience): Basket {
  const troubles: Trouble[] = []
  const evidence: Basket['evidence'] = {
    keySets: [],
    statements: [],
    records: [],
    statusListTokens: [],
    logProofs: {},
    keyHistories: [],
    resolution: undefined,
    recognition: undefined,
  }
  let freshUntil = Number.POSITIVE_INFINITY
  let taken = 0
  let oldestFetchedAt = Number.POSITIVE_INFINITY
  return {
    evidence,
    complain: (trouble) => void troubles.push(trouble),
    async take(kind, address, what, { freshAfter = 0 } = {}) {
      if (address === undefined) {
        const detail = 'it has no address on the origin that the anchor vouches for'
        troubles.push({ code: 'address-refused', detail, subject: what })
        return undefined
      }
      taken += 1
      if (taken > WALK_DOCUMENTS_MAX) {
        const detail = `a walk takes ${WALK_DOCUMENTS_MAX} documents at most`
        troubles.push({ code: 'upstream-unreachable', detail, subject: address })
        return undefined
      }
      const outcome = await source.obtain(kind, address, {
        ...patience,
        freshAfter: Math.max(freshAfter, patience.freshAfter),
      })
      if (outcome.trouble !== undefined) troubles.push(outcome.trouble)
      if (outcome.kind === 'absent') return undefined
      freshUntil = Math.min(freshUntil, outcome.document.freshUntil)
      oldestFetchedAt = Math.min(oldestFetchedAt, outcome.document.fetchedAt)
      return outcome.document
    },
    close: () => ({ evidence: bundleOf(evidence), troubles, freshUntil, oldestFetchedAt }),
  }
}

function bundleOf({
  keySets,
  statements,
  records,
  statusListTokens,
  logProofs,
  keyHistories,
  resolution,
  recognition,
}: Basket['evidence']): EvidenceBundleInput {
  return {
    v: 1,
    records,
    chains: statements.length === 0 ? [] : [[...statements]],
    root_keys: [...keySets],
    status_list_tokens: statusListTokens,
    ...(Object.keys(logProofs).length === 0 ? {} : { tlog_proofs: logProofs }),
    ...(keyHistories.length === 0 ? {} : { key_histories: keyHistories }),
    ...(resolution === undefined ? {} : { resolution }),
    ...(recognition === undefined ? {} : { recognition: recognitionOf(recognition) }),
  }
}

/** A copy, in the form of the bundle. */
function recognitionOf({
  list,
  agreement,
  events,
  root_keys: rootKeys,
}: RecognitionEvidence): NonNullable<EvidenceBundleInput['recognition']> {
  return {
    ...(list === undefined ? {} : { list }),
    ...(agreement === undefined ? {} : { agreement: structuredClone(agreement) }),
    ...(events === undefined ? {} : { events: [...events] }),
    root_keys: [...rootKeys],
  }
}
