import type { RootPrefix, Subject } from '@arc3088/codec'
import { prefixesOverlap, readRootPrefix } from '@arc3088/codec'
import type {
  EntityConfiguration,
  PublicJwk,
  RecognitionEntry,
  RecognitionList,
  RootKeySetJws,
  VerifiedRootKeySet,
} from '@arc3088/records'
import { readRootKeySet, verifyRootKeySet } from '@arc3088/records'

import { walkKeySets } from './anchor.ts'
import type { Clock } from './clock.ts'
import type { DocumentReader } from './document-reader.ts'
import type { EvidenceBundle, PinnedAnchor } from './evidence-bundle.ts'
import type { EvidenceMemory } from './evidence-memory.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'
import type { Recognition, RecognitionPolicy } from './recognition-basis.ts'
import { overlapFault } from './recognition-guards.ts'
import { verifyTerms } from './recognition-terms.ts'
import { unlisted } from './unlisted.ts'

/** What recognition is verified with. */
export interface RecognitionTools {
  readonly memory: EvidenceMemory
  readonly reader: DocumentReader
  readonly findings: Findings
}

interface Pinned {
  readonly homeId: string | undefined
  readonly homePrefix: RootPrefix
}

/** The configuration of the root that the chain ends at, as it says of itself. */
function endOfChain(bundle: EvidenceBundle, reader: DocumentReader): EntityConfiguration | undefined {
  const text = bundle.chains[0]?.at(-1)
  const read = text === undefined ? undefined : reader.configurations.read(text)
  return read?.kind === 'read' ? read.claims : undefined
}

/** The prefixes under which the text asked for may be read; nothing is proved by them. */
export function claimedPrefixes(
  bundle: EvidenceBundle | Finding,
  reader: DocumentReader,
): readonly RootPrefix[] {
  if ('verdict' in bundle) return []
  const own = endOfChain(bundle, reader)?.metadata.agent_code_root?.code_prefix
  const text = bundle.recognition?.list
  const list = text === undefined ? undefined : reader.recognitionLists.read(text)
  const entries = list?.kind === 'read' ? list.claims.entries : []
  return [...(own === undefined ? [] : [own]), ...entries.flatMap((entry) => entry.code_prefixes)].flatMap(
    (prefix) => {
      const read = readRootPrefix(prefix)
      return typeof read === 'string' ? [read] : []
    },
  )
}

/** Whose a key set says it is. */
export function issuerOf(jws: RootKeySetJws): string | undefined {
  const read = readRootKeySet(jws)
  return read.kind === 'read' ? read.claims.iss : undefined
}

/** Key sets by whose they are; one that cannot be read stands with the pinned root's, where it is found to be damaged. */
function sortKeySets(
  sets: readonly RootKeySetJws[],
  homeId: string | undefined,
): ReadonlyMap<string | undefined, readonly RootKeySetJws[]> {
  const sorted = new Map<string | undefined, RootKeySetJws[]>()
  for (const jws of sets) {
    const iss = issuerOf(jws) ?? homeId
    sorted.set(iss, [...(sorted.get(iss) ?? []), jws])
  }
  return sorted
}

/** Key sets that no chain rests on must be sound all the same: damage is never overlooked. */
async function verifyOtherKeySets(sets: readonly RootKeySetJws[], findings: Findings): Promise<void> {
  let before: VerifiedRootKeySet | undefined
  for (const jws of sets) {
    const read = readRootKeySet(jws)
    const follows = read.kind === 'read' && before?.claims.seq === read.claims.seq - 1
    const verified = await verifyRootKeySet(jws, follows ? before : undefined)
    if (verified.kind === 'rejected') {
      findings.fail('key set', findingOf(verified, 'key set'))
      return
    }
    before = verified
  }
}

/** The pinned root's list, where it is that; otherwise what is wrong with it is reported. */
export async function verifyList(
  text: string,
  { homeId, keys }: { homeId: string; keys: readonly PublicJwk[] },
  { reader, findings }: RecognitionTools,
): Promise<RecognitionList | undefined> {
  const name = 'recognition list'
  const read = reader.recognitionLists.read(text)
  const fault =
    read.kind === 'rejected' ? read : await reader.recognitionLists.signatureFault({ jws: text }, keys)
  if (fault !== undefined) {
    findings.fail(name, findingOf(fault, name))
    return undefined
  }
  if (read.kind === 'rejected') return undefined
  if (read.claims.iss !== homeId) {
    findings.fail(
      name,
      broken('iss-wrong', `the list is by ${read.claims.iss}, not by the pinned root`, name),
    )
    return undefined
  }
  return read.claims
}

/**
 * Whether the chain ends at another root, whose configuration is whole in itself and under whose prefix the code stands,
 * apart from the home prefix.
 */
async function isOfAnotherRoot(
  { prefix }: Subject,
  end: EntityConfiguration | undefined,
  { bundle, reader, homeId, homePrefix }: Pinned & { bundle: EvidenceBundle; reader: DocumentReader },
): Promise<boolean> {
  const text = bundle.chains[0]?.at(-1)
  if (end === undefined || text === undefined || end.iss === homeId) return false
  if (prefixesOverlap(prefix, homePrefix)) return false
  if (end.metadata.agent_code_root?.code_prefix !== prefix) return false
  return (await reader.configurations.signatureFault({ jws: text }, end.jwks.keys)) === undefined
}

function entryFor(subject: Subject, { entries }: RecognitionList): RecognitionEntry | undefined {
  // The code was read under the longest prefix there is, and no two entries overlap.
  return entries.find((entry) => entry.code_prefixes.includes(subject.prefix))
}

/** Against whom the chain is to be verified: the pinned root itself, or one that it recognises. */
export type Standing =
  | { readonly kind: 'home' }
  | { readonly kind: 'recognised'; readonly recognition: Recognition }
  /** What was found leaves nothing to go on with. */
  | { readonly kind: 'refused' }

interface RecognitionQuestion {
  readonly bundle: EvidenceBundle
  readonly anchor: PinnedAnchor
  readonly homePrefix: RootPrefix
  readonly policy: RecognitionPolicy
  readonly clock: Clock
}

/**
 * Finds out under which root the code stands: the longest prefix among the pinned root's and those of its recognition
 * list. Verifies the list, and for a recognised root the agreement and its events, with the pinned root's keys.
 */
export async function recognise(
  subject: Subject,
  { bundle, anchor, homePrefix, ...judging }: RecognitionQuestion,
  tools: RecognitionTools,
): Promise<Standing> {
  const { findings, reader, memory } = tools
  if (bundle.recognition === undefined && subject.prefix === homePrefix) return { kind: 'home' }
  const homeId = issuerOf(anchor.rootKeys)
  const end = endOfChain(bundle, reader)
  if (bundle.recognition?.list === undefined) {
    if (!(await isOfAnotherRoot(subject, end, { bundle, reader, homeId, homePrefix })))
      return { kind: 'home' }
    const detail = `the recognition list of ${homeId ?? 'the pinned root'} is missing`
    findings.fail('recognition list', undecided('part-missing', detail, subject.text))
    return { kind: 'refused' }
  }
  const supplied = [...(bundle.recognition.root_keys ?? []), ...bundle.root_keys]
  const sorted = sortKeySets(supplied, homeId)
  const home = await walkKeySets(anchor, sorted.get(homeId) ?? [], { findings, memory })
  if (home === undefined) return { kind: 'refused' }
  const by = { homeId: home.claims.iss, keys: home.claims.keys.federation }
  const list = await verifyList(bundle.recognition.list, by, tools)
  if (list === undefined) return { kind: 'refused' }
  const entry = entryFor(subject, list)
  if (entry === undefined) {
    if (end?.iss === homeId) return { kind: 'home' }
    findings.fail('recognition', unlisted(subject, end?.iss, list, judging))
    return { kind: 'refused' }
  }
  for (const [iss, sets] of sorted) {
    if (iss !== homeId && iss !== entry.trust_anchor) await verifyOtherKeySets(sets, findings)
  }
  const keySets = [...entry.root_keys, ...(sorted.get(entry.trust_anchor) ?? [])]
  return await recogniseEntry({ home, list, entry, keySets }, { bundle, supplied }, tools)
}

async function recogniseEntry(
  found: Pick<Recognition, 'home' | 'list' | 'entry' | 'keySets'>,
  { bundle, supplied }: { bundle: EvidenceBundle; supplied: readonly RootKeySetJws[] },
  { findings, memory }: RecognitionTools,
): Promise<Standing> {
  const { home, list, entry } = found
  const homeId = home.claims.iss
  const { agreement, events = [] } = bundle.recognition ?? {}
  const missing = undecided('part-missing', 'the agreement is missing', entry.agreement.uri)
  const context = { homeId, list, entry, keySets: [...supplied, home.jws] }
  const verified = agreement === undefined ? missing : await verifyTerms(agreement, events, context, memory)
  if ('verdict' in verified) {
    findings.fail('agreement', verified)
    return { kind: 'refused' }
  }
  const own = verified.terms.parties.find((party) => party.entity_id === homeId)?.code_prefixes ?? []
  const prefixes = list.entries.flatMap((each) => each.code_prefixes)
  const overlap = overlapFault(prefixes, own, [])
  if (overlap !== undefined) {
    const detail = `${overlap.prefix} and the pinned root's own ${overlap.other ?? ''} overlap`
    findings.fail('recognition list', broken('prefix-overlap', detail, homeId))
    return { kind: 'refused' }
  }
  const { parties, jti } = verified.terms
  findings.pass(
    'agreement',
    `${jti}, signed by ${parties.length} of ${parties.length}, ${events.length} events`,
  )
  return { kind: 'recognised', recognition: { ...found, ...verified } }
}
