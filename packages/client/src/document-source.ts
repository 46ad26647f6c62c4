import { RegistryError } from '@arc3088/problems'

import type { CachedDocument, DocumentCache } from './document-cache.ts'
import { documentBytes } from './document-cache.ts'
import type { DocumentKind } from './document-kind.ts'
import { DOCUMENT_KINDS } from './document-kind.ts'
import type { FetchDocument, FetchedDocument } from './fetch-document.ts'
import { lifetimeOf } from './lifetime.ts'

/**
 * Why nothing, or nothing new, came from a node. It says nothing about any code. `list-rolled-back`: what came is older
 * than what its signer had said before, or another by the same number, and is not used.
 */
export interface Trouble {
  readonly code: 'upstream-unreachable' | 'upstream-timeout' | 'address-refused' | 'list-rolled-back'
  readonly detail: string
  /** The address that was asked. */
  readonly subject: string
}

/** A document, and the trouble there was where it is an older one than was asked for. */
export interface Obtained {
  readonly kind: 'document'
  readonly document: CachedDocument
  readonly trouble?: Trouble
}

export interface Absent {
  readonly kind: 'absent'
  readonly trouble: Trouble
}

/** The limits of one walk; milliseconds since the epoch. */
export interface Patience {
  /** What was fetched before is asked for again. */
  readonly freshAfter: number
  /** After it nobody is asked any more. */
  readonly deadline: number
}

/** Hands out documents: from the cache while fresh, else from their node, else, while they have not expired, older ones. */
export interface DocumentSource {
  obtain(kind: DocumentKind, address: string, patience: Patience): Promise<Obtained | Absent>
}

/** How long a node that could not be reached is not asked again for what is at hand; one that was too slow, for nothing. */
export const HOLD_OFF_SECONDS = 2
/** Origins and addresses remembered as not answering; when there are more, all are forgotten and asked again. */
const HELD_OFF_MAX = 1024

/**
 * Builds the source. However many ask for one address at once, its node is asked once. A failure is nobody's answer: it
 * is not kept, and it never replaces what is still good.
 */
export function createDocumentSource(parts: {
  fetchDocument: FetchDocument
  cache: DocumentCache
  now: () => Date
}): DocumentSource {
  const { fetchDocument, cache } = parts
  const now = (): number => parts.now().getTime()
  const inFlight = new Map<string, Promise<Obtained | Absent>>()
  const heldOff = new Map<string, { until: number; trouble: Trouble }>()

  async function fetchAfresh(kind: DocumentKind, address: string, key: string): Promise<Obtained | Absent> {
    const { accept, bytesMax } = DOCUMENT_KINDS[kind]
    const { origin } = new URL(address)
    try {
      const fetched = await fetchDocument({ url: address, headers: { accept }, bytesMax })
      heldOff.delete(origin)
      heldOff.delete(address)
      const read = readAnswer(kind, fetched, now())
      if (read === undefined) return holdOff(address, unexpectedAnswer(fetched, address))
      const { document, isKeepable } = read
      if (isKeepable) {
        await cache.set(key, document, { bytes: documentBytes(key, document), until: document.usableUntil })
      }
      return { kind: 'document', document }
    } catch (error) {
      return holdOff(origin, troubleOf(error, address))
    }
  }

  /** A node that does not answer is left alone as a whole, one that answers oddly at that address. */
  function holdOff(whom: string, trouble: Trouble): Absent {
    if (heldOff.size >= HELD_OFF_MAX) heldOff.clear()
    heldOff.set(whom, { until: now() + HOLD_OFF_SECONDS * 1000, trouble })
    return { kind: 'absent', trouble }
  }

  function fetchOnce(kind: DocumentKind, address: string, key: string): Promise<Obtained | Absent> {
    const known = inFlight.get(key)
    if (known !== undefined) return known
    const fetching = fetchAfresh(kind, address, key).finally(() => inFlight.delete(key))
    inFlight.set(key, fetching)
    return fetching
  }

  return {
    async obtain(kind, address, { freshAfter, deadline }) {
      const key = `${kind} ${address}`
      const known = await cache.get(key)
      const usable = known !== undefined && now() < known.usableUntil ? known : undefined
      if (usable !== undefined && now() < usable.freshUntil && usable.fetchedAt >= freshAfter) {
        return { kind: 'document', document: usable }
      }
      const held = heldOff.get(address) ?? heldOff.get(new URL(address).origin)
      if (held !== undefined && now() < held.until) {
        if (usable !== undefined) return older(usable, held.trouble)
        // Whoever waits for a node that has just let another wait in vain would keep a whole batch waiting.
        if (held.trouble.code === 'upstream-timeout') return { kind: 'absent', trouble: held.trouble }
      }
      const outcome = now() < deadline ? await fetchOnce(kind, address, key) : outOfTime(address)
      return outcome.kind === 'absent' && usable !== undefined ? older(usable, outcome.trouble) : outcome
    },
  }

  /** What is at hand, good until its node is asked again. */
  function older(document: CachedDocument, trouble: Trouble): Obtained {
    const freshUntil = Math.min(document.usableUntil, now() + HOLD_OFF_SECONDS * 1000)
    return { kind: 'document', document: { ...document, freshUntil }, trouble }
  }
}

/** Undefined where the answer is none of those its kind allows: an error, a page of some gateway, another media type. */
function readAnswer(
  kind: DocumentKind,
  { status, mediaType, headers, body }: FetchedDocument,
  at: number,
): { document: CachedDocument; isKeepable: boolean } | undefined {
  const answer = DOCUMENT_KINDS[kind].answers.find(
    (each) => each.status === status && each.mediaType === mediaType,
  )
  if (answer === undefined) return undefined
  const life = answer.life(body)
  const lifetime =
    life === undefined
      ? { freshUntil: at, usableUntil: at }
      : lifetimeOf(life, { headers, isNegative: status !== 200, at })
  return {
    document: { status, mediaType, body, fetchedAt: at, ...lifetime },
    isKeepable: lifetime.usableUntil > at,
  }
}

function unexpectedAnswer({ status, mediaType }: FetchedDocument, address: string): Trouble {
  const detail = `answered ${status} with ${mediaType === '' ? 'no media type' : mediaType}`
  return { code: 'upstream-unreachable', detail, subject: address }
}

function outOfTime(address: string): Absent {
  return {
    kind: 'absent',
    trouble: {
      code: 'upstream-timeout',
      detail: 'the time for this resolution is used up',
      subject: address,
    },
  }
}

/** What a fetch may throw is a refusal of the door; anything else is a fault of ours and stays one. */
function troubleOf(error: unknown, address: string): Trouble {
  if (!(error instanceof RegistryError)) throw error
  const { code, message: detail } = error
  if (code === 'upstream-unreachable' || code === 'upstream-timeout' || code === 'address-refused') {
    return { code, detail, subject: address }
  }
  throw error
}
