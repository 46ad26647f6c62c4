import type { Level } from '@arc3088/codec'
import type { PublicJwk, StatusListToken, StatusName, StatusReference } from '@arc3088/records'
import { entryAt, statusName } from '@arc3088/records'
import { inflateList } from '#inflate-list'

import type { Authorities } from './authority.ts'
import type { DocumentReader } from './document-reader.ts'
import type { EvidenceMemory } from './evidence-memory.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'

/** Something signed that refers to a status list, and whose list it is. */
export interface Referrer {
  readonly of: 'statement' | Level
  /** The code, or the entity of the statement. */
  readonly subject: string
  readonly reference: StatusReference
  readonly authority: 'root' | 'provider'
}

/** A status as found in a list. */
export interface StatusEntry {
  readonly of: 'statement' | Level
  readonly subject: string
  readonly status: StatusName
  readonly uri: string
  readonly idx: number
}

/** What statuses are read with. */
export interface StatusContext {
  readonly authorities: Authorities
  readonly reader: DocumentReader
  readonly memory: EvidenceMemory
  readonly findings: Findings
}

interface SuppliedToken {
  readonly claims: StatusListToken
  readonly jws: string
}

/** The newest token of each list, and the older ones, which whoever gathers a bundle in steps may end up with. */
function readTokens(
  texts: readonly string[],
  { reader, findings }: StatusContext,
): { newest: Map<string, SuppliedToken>; older: SuppliedToken[] } {
  const newest = new Map<string, SuppliedToken>()
  const older: SuppliedToken[] = []
  for (const text of texts) {
    const read = reader.tokens.read(text)
    if (read.kind === 'rejected') {
      findings.fail('status', findingOf(read, 'status list token'))
      continue
    }
    const known = newest.get(read.claims.sub)
    if (known === undefined || known.claims.iat < read.claims.iat) {
      newest.set(read.claims.sub, read)
      if (known !== undefined) older.push(known)
    } else {
      older.push(read)
    }
  }
  return { newest, older }
}

/** The status keys that may sign a list: those of the authority that signed what refers to it. */
function keysFor(
  owner: 'root' | 'provider',
  { root, provider }: Authorities,
): readonly PublicJwk[] | undefined {
  return owner === 'root' ? root?.statusKeys : provider?.statusKeys
}

/** A token no status is read from: damage is still seen, and one nobody refers to has no place in whole evidence. */
async function judgeStrayToken(
  token: SuppliedToken,
  { isWhole, isAllowed }: { isWhole: boolean; isAllowed: boolean },
  { authorities, reader, findings }: StatusContext,
): Promise<void> {
  const { sub } = token.claims
  const keys = [...(authorities.root?.statusKeys ?? []), ...(authorities.provider?.statusKeys ?? [])]
  const fault = await reader.tokens.signatureFault(token, keys)
  if (!isWhole && fault?.reason === 'key-unknown') return
  if (fault !== undefined) findings.fail('status', findingOf(fault, sub))
  else if (isWhole && !isAllowed)
    findings.fail('status', broken('status-sub-mismatch', 'no record refers to this list', sub))
}

async function openList(
  token: SuppliedToken,
  keys: readonly PublicJwk[],
  { reader, memory }: StatusContext,
): Promise<{ list: Uint8Array } | Finding> {
  const { sub, status_list } = token.claims
  const fault = await reader.tokens.signatureFault(token, keys)
  if (fault !== undefined) return findingOf(fault, sub)
  const known = memory.lists.get('', status_list.lst)
  if (known !== undefined) return { list: known }
  const list = await inflateList(status_list.lst)
  if (list.kind === 'refused') return broken('status-list-malformed', list.why, sub)
  memory.lists.set('', status_list.lst, list.bytes)
  return { list: list.bytes }
}

function readEntry(
  { of, subject, reference: { uri, idx } }: Referrer,
  list: Uint8Array,
): StatusEntry | Finding {
  const value = entryAt(list, idx)
  if (value === undefined) return broken('status-index-out-of-range', `no entry ${idx}`, uri)
  const status = statusName(value)
  if (status !== undefined) return { of, subject, status, uri, idx }
  return undecided('status-reserved', `entry ${idx} is ${value}, which means nothing yet`, subject)
}

/** The status of one referrer, from the token of its list; each list is opened once for each authority. */
function createStatusReader(tokens: ReadonlyMap<string, SuppliedToken>, context: StatusContext) {
  const lists = new Map<string, ReturnType<typeof openList>>()
  return async (referrer: Referrer): Promise<StatusEntry | Finding> => {
    const { subject, authority, reference } = referrer
    const token = tokens.get(reference.uri)
    const keys = keysFor(authority, context.authorities)
    if (token === undefined) return undecided('status-missing', `no token for ${reference.uri}`, subject)
    if (keys === undefined) {
      return undecided('part-missing', 'the statements about its signer are missing', subject)
    }
    const key = `${authority} ${reference.uri}`
    const opening = lists.get(key) ?? openList(token, keys, context)
    lists.set(key, opening)
    const opened = await opening
    return 'list' in opened ? readEntry(referrer, opened.list) : opened
  }
}

/**
 * Verifies the tokens and reads the status of every referrer. `isWhole` says that nothing which could refer to a list
 * is missing, so that a token without referrer is a token for another list than it should be.
 */
export async function readStatuses(
  texts: readonly string[],
  { referrers, isWhole }: { referrers: readonly Referrer[]; isWhole: boolean },
  context: StatusContext,
): Promise<{ entries: readonly StatusEntry[]; tokens: readonly StatusListToken[] }> {
  const { newest, older } = readTokens(texts, context)
  const referred = new Set(referrers.map((each) => each.reference.uri))
  for (const [uri, token] of newest) {
    if (!referred.has(uri)) await judgeStrayToken(token, { isWhole, isAllowed: false }, context)
  }
  for (const token of older) await judgeStrayToken(token, { isWhole, isAllowed: true }, context)
  const outcomes = await Promise.all(referrers.map(createStatusReader(newest, context)))
  const { findings } = context
  const entries: StatusEntry[] = []
  for (const [i, outcome] of outcomes.entries()) {
    const name = `status ${referrers[i]?.of ?? ''}`
    if ('verdict' in outcome) {
      findings.fail(name, outcome)
    } else {
      findings.pass(name, `${outcome.status}, entry ${outcome.idx} of ${outcome.uri}`)
      entries.push(outcome)
    }
  }
  return { entries, tokens: [...newest.values()].map((token) => token.claims) }
}
