import type { Level } from '@arc3088/codec'
import type { PublicJwk, StatusListToken, StatusName, StatusReference } from '@arc3088/records'
import {
  entryAt,
  readStatusListToken,
  statusName,
  unpackStatusList,
  verifyStatusListToken,
} from '@arc3088/records'

import type { Authorities } from './authority.ts'
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

interface SuppliedToken {
  readonly claims: StatusListToken
  readonly jws: string
}

/** The newest token of each list, and the older ones, which whoever gathers a bundle in steps may end up with. */
function readTokens(
  texts: readonly string[],
  findings: Findings,
): { newest: Map<string, SuppliedToken>; older: SuppliedToken[] } {
  const newest = new Map<string, SuppliedToken>()
  const older: SuppliedToken[] = []
  for (const text of texts) {
    const read = readStatusListToken(text)
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
  { claims, jws }: SuppliedToken,
  authorities: Authorities,
  { isWhole, isAllowed }: { isWhole: boolean; isAllowed: boolean },
  findings: Findings,
): Promise<void> {
  const keys = [...(authorities.root?.statusKeys ?? []), ...(authorities.provider?.statusKeys ?? [])]
  const verified = await verifyStatusListToken(jws, keys)
  const isSignerAbsent = !isWhole && verified.kind === 'rejected' && verified.reason === 'key-unknown'
  if (isSignerAbsent) return
  if (verified.kind === 'rejected') findings.fail('status', findingOf(verified, claims.sub))
  else if (isWhole && !isAllowed)
    findings.fail('status', broken('status-sub-mismatch', 'no record refers to this list', claims.sub))
}

async function openList(
  { claims, jws }: SuppliedToken,
  keys: readonly PublicJwk[],
): Promise<{ list: Uint8Array } | Finding> {
  const verified = await verifyStatusListToken(jws, keys)
  if (verified.kind === 'rejected') return findingOf(verified, claims.sub)
  const list = await unpackStatusList(claims.status_list.lst)
  return list.kind === 'refused'
    ? broken('status-list-malformed', list.why, claims.sub)
    : { list: list.bytes }
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
function createStatusReader(tokens: ReadonlyMap<string, SuppliedToken>, authorities: Authorities) {
  const lists = new Map<string, ReturnType<typeof openList>>()
  return async (referrer: Referrer): Promise<StatusEntry | Finding> => {
    const { subject, authority, reference } = referrer
    const token = tokens.get(reference.uri)
    const keys = keysFor(authority, authorities)
    if (token === undefined) return undecided('status-missing', `no token for ${reference.uri}`, subject)
    if (keys === undefined) {
      return undecided('part-missing', 'the statements about its signer are missing', subject)
    }
    const key = `${authority} ${reference.uri}`
    const opening = lists.get(key) ?? openList(token, keys)
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
  referrers: readonly Referrer[],
  authorities: Authorities,
  { isWhole, findings }: { isWhole: boolean; findings: Findings },
): Promise<{ entries: readonly StatusEntry[]; tokens: readonly StatusListToken[] }> {
  const { newest, older } = readTokens(texts, findings)
  const referred = new Set(referrers.map((each) => each.reference.uri))
  for (const [uri, token] of newest) {
    if (!referred.has(uri)) await judgeStrayToken(token, authorities, { isWhole, isAllowed: false }, findings)
  }
  for (const token of older) await judgeStrayToken(token, authorities, { isWhole, isAllowed: true }, findings)
  const outcomes = await Promise.all(referrers.map(createStatusReader(newest, authorities)))
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
