import type { Subject } from '@arc3088/codec'

/** A party the anchor vouches for: the root itself, or an entity the root named in something it signed. */
export interface AnchoredParty {
  /** OpenID Federation entity identifier. */
  readonly entityId: string
  /** Origin at which it is reached; its own, unless the operator of this client says otherwise. */
  readonly reachedAt: string
  /** Origins of the entities it took over from: their addresses are asked of it (wire format W2). */
  readonly formerOrigins: readonly string[]
}

const PLACEHOLDER = '{code}'

function readWebUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined
  return url.username === '' && url.password === '' ? url : undefined
}

/** Builds a party. @throws TypeError for an entity identifier or address that is no web address. */
export function anchoredParty(
  entityId: string,
  { reachedAt, formerEntities = [] }: { reachedAt?: string; formerEntities?: readonly string[] } = {},
): AnchoredParty {
  const address = readWebUrl(reachedAt ?? entityId)
  if (address === undefined || readWebUrl(entityId) === undefined)
    throw new TypeError(`${entityId} cannot be reached at ${reachedAt ?? entityId}`)
  const formerOrigins = formerEntities.flatMap((each) => readWebUrl(each)?.origin ?? [])
  return { entityId, reachedAt: address.origin, formerOrigins }
}

/**
 * The address to fetch `uri` at, or undefined unless it lies on an origin of the party. This is the one gate between
 * text in a document and a request: what is signed says what to ask for, the anchor alone says whom.
 */
export function addressAt(party: AnchoredParty, uri: string): string | undefined {
  const url = readWebUrl(uri)
  if (url === undefined) return undefined
  const isOwn = url.origin === new URL(party.entityId).origin || party.formerOrigins.includes(url.origin)
  return isOwn ? `${party.reachedAt}${url.pathname}${url.search}` : undefined
}

/**
 * The address at which a party answers for a code: its `code_resolution_uri` (W1, W2) with the canonical code in the
 * place of `{code}`, which must stand once, in the path. Undefined for any other template, and off the party's origin.
 */
export function codeAddress(
  party: AnchoredParty,
  template: string | undefined,
  subject: Subject,
): string | undefined {
  const [before = '', after, ...more] = template?.split(PLACEHOLDER) ?? []
  if (after === undefined || more.length > 0 || /[{}]/.test(before + after)) return undefined
  const address = addressAt(party, `${before}${encodeURIComponent(subject.text)}${after}`)
  if (address === undefined || !new URL(address).pathname.includes(subject.text)) return undefined
  return address
}

/** Where a party proves that a code stands in its log: below where it answers for it. */
export function logProofAddress(
  party: AnchoredParty,
  template: string | undefined,
  subject: Subject,
): string | undefined {
  const address = codeAddress(party, template, subject)
  if (address === undefined) return undefined
  const url = new URL(address)
  url.pathname = `${url.pathname}/log-proof`
  return url.href
}

/** Where a party answers for a code as it was at an instant, in seconds (W5). */
export function pastAnswerAddress(
  party: AnchoredParty,
  template: string | undefined,
  { subject, asOf }: { subject: Subject; asOf: number },
): string | undefined {
  const address = codeAddress(party, template, subject)
  if (address === undefined) return undefined
  const url = new URL(address)
  url.searchParams.set('at', String(asOf))
  return url.href
}

/** Where an entity publishes its configuration (OpenID Federation 1.0 section 9). */
export function configurationAddress({ entityId, reachedAt }: AnchoredParty): string {
  const path = new URL(entityId).pathname.replace(/\/$/, '')
  return `${reachedAt}${path}/.well-known/openid-federation`
}

/** Where a root publishes its key sets (W1). */
export function keySetsAddress({ entityId, reachedAt }: AnchoredParty): string {
  const path = new URL(entityId).pathname.replace(/\/$/, '')
  return `${reachedAt}${path}/.well-known/agent-code-root-keys`
}

/** Where a root answers for the statement about an entity (OpenID Federation 1.0 section 8.1). */
export function statementAddress(
  root: AnchoredParty,
  endpoint: string | undefined,
  entityId: string,
): string | undefined {
  const address = endpoint === undefined ? undefined : addressAt(root, endpoint)
  if (address === undefined) return undefined
  const url = new URL(address)
  url.searchParams.set('sub', entityId)
  return url.href
}
