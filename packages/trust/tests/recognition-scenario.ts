import type { GeneralJws } from '@arc3088/records'
import { TYP, agreementHash, recordHash } from '@arc3088/records'

import type { Claims, Draft, Json, KeyName, Part, Signers } from './scenario.ts'
import { JUDGED_AT, P1, ROOT, T0, createDraft, signDraft, signPart } from './scenario.ts'

export const F = 'https://f.example'
export const FP = 'https://fp.example'
export const G = 'https://g.example'
export const F_PREFIX = '1.2.250.3088'
export const F_CODE = '1.2.250.3088.1.1.34C2.478BDF.3GF546'
export const AGREEMENT = 'urn:uuid:01a1d2b4-6c00-7000-8000-000000000900'

const DAY = 86_400
/** When the agreement came into force. */
export const IN_FORCE_AT = T0 - 90 * DAY
const LEFT_OUT = undefined

/** The same roles as in the home world, played by others. */
const CAST: Partial<Record<KeyName, KeyName>> = {
  'root.root': 'f.root',
  'root.federation': 'f.federation',
  'root.issuing': 'f.issuing',
  'root.status': 'f.status',
  'p1.federation': 'fp.federation',
  'p1.issuing': 'fp.issuing',
  'p1.status': 'fp.status',
}

/** Signers under which the home world's names are those of the world of F. */
export function foreignSigners(signers: Signers): Signers {
  const recast = Object.entries(CAST).map(([name, other]) => [name, signers[other]] as const)
  return { ...signers, ...Object.fromEntries(recast) }
}

function translate(part: Part): void {
  const text = JSON.stringify(part.claims)
    .replaceAll(ROOT, F)
    .replaceAll(P1, FP)
    .replaceAll('1.2.156.3088', F_PREFIX)
  part.claims = JSON.parse(text) as Claims
}

/** A home world as another root has it: other names, prefix and keys. */
export function translateDraft(draft: Draft): void {
  const parts = [draft.keySet, ...draft.chain, ...draft.records, ...draft.lists]
  for (const part of new Set([...parts, ...(draft.histories ?? [])])) translate(part)
  draft.code = F_CODE
}

/** A code of another root with all by which it is recognised, before it is signed. */
export interface RecognitionDraft {
  /** The world of F; its parts are those of a home world until it is translated. */
  foreign: Draft
  /** Changes the world of F once it is translated. */
  afterwards?: (foreign: Draft) => void
  /** F's key sets after its first. */
  laterKeySets: { part: Part; cosigner: KeyName }[]
  terms: Claims
  /** Who signs the terms. */
  signedBy: KeyName[]
  /** Changes the signed agreement. */
  tamper?: (agreement: GeneralJws) => GeneralJws
  /** `prev` and `agreement_hash` follow unless they are there. */
  events: Part[]
  list: Part
  /** The list's first entry; `root_keys` and the hash of the agreement follow unless they are there. */
  entry: Claims
  /** Which events came late, by their place, and when. */
  late?: { nth: number; seen: number }[]
  /** Key sets of third parties. */
  others: Part[]
  code: string
  at: number
  minSeq?: number
}

export function party(entityId: string, prefix: string, keys: [KeyName, KeyName], signers: Signers): Claims {
  const [federation, root] = keys
  return {
    entity_id: entityId,
    territory: 'ZZ',
    code_prefixes: [prefix],
    jwks_thumbprints: [signers[federation].kid],
    root_keys_thumbprints: [signers[root].kid],
    tlog_vkeys: [],
    contact: 'registry@example.org',
  }
}

/** An event whose place in its chain follows from the order in the draft. */
export function eventPart(iss: string, event: string, effective: number, more: Partial<Part> = {}): Part {
  const key = iss === ROOT ? 'root.federation' : iss === F ? 'f.federation' : 'g.federation'
  const claims = {
    iss,
    iat: effective,
    agreement: AGREEMENT,
    towards: 'all',
    event,
    reason: event,
    effective,
  }
  return { typ: TYP.agreementEvent, key, ...more, claims: { ...claims, ...more.claims } }
}

export function keySetPart(iss: string, keys: [KeyName, KeyName], signers: Signers): Part {
  const [root, federation] = keys
  return {
    typ: TYP.rootKeySet,
    key: root,
    claims: {
      iss,
      seq: 1,
      prev: null,
      threshold: 1,
      root_keys: [{ ...signers[root].publicJwk }],
      keys: { federation: [{ ...signers[federation].publicJwk }] },
      nbf: T0,
      exp: T0 + 365 * DAY,
    },
  }
}

/** A sound world of two roots: F, recognised by agreement, and its provider's instance. */
export function createRecognitionDraft(signers: Signers): RecognitionDraft {
  const constraints = { max_path_length: 1, algs: ['ES256', 'Ed25519'], max_status_ttl: 3600 }
  const terms: Claims = {
    jti: AGREEMENT,
    version: 1,
    supersedes: null,
    iat: IN_FORCE_AT - 10 * DAY,
    nbf: IN_FORCE_AT,
    exp: T0 + 275 * DAY,
    review_by: T0 + 200 * DAY,
    notice_period_days: 90,
    parties: [
      party(ROOT, '1.2.156.3088', ['root.federation', 'root.root'], signers),
      party(F, F_PREFIX, ['f.federation', 'f.root'], signers),
    ],
    scope: {
      reciprocal: true,
      levels: ['provider', 'requester', 'ontology', 'instance'],
      scheme_versions: ['1'],
      purposes: ['resolution'],
    },
    constraints,
    witnessing: { mutual: true },
    legal: {
      document_uri: 'https://root.example/treaties/1',
      document_digest: `sha-256:${'A'.repeat(43)}`,
      governing_language: ['zh', 'en'],
    },
  }
  const entry: Claims = {
    code_prefixes: [F_PREFIX],
    trust_anchor: F,
    territory: 'ZZ',
    jwks_thumbprints: [signers['f.federation'].kid],
    state: 'in-force',
    state_since: IN_FORCE_AT,
    valid_until: T0 + 275 * DAY,
    agreement: { jti: AGREEMENT, uri: `${ROOT}/v1/agreements/${AGREEMENT}`, hash: LEFT_OUT },
    constraints: structuredClone(constraints),
  }
  const iat = JUDGED_AT - 30
  return {
    foreign: createDraft(foreignSigners(signers)),
    laterKeySets: [],
    terms,
    signedBy: ['root.federation', 'f.federation'],
    events: [eventPart(ROOT, 'activate', IN_FORCE_AT), eventPart(F, 'activate', IN_FORCE_AT)],
    list: {
      typ: TYP.recognitionList,
      key: 'root.federation',
      claims: { iss: ROOT, iat, exp: iat + 3600, ttl: 60, seq: 12, prev: 'A'.repeat(43), entries: [entry] },
    },
    entry,
    others: [],
    code: F_CODE,
    at: JUDGED_AT,
  }
}

/** Adds G as a third party, of whom nothing stands in the list. */
export function addThirdParty(draft: RecognitionDraft, signers: Signers): void {
  const { parties } = draft.terms
  if (!Array.isArray(parties)) throw new TypeError('the terms have parties')
  parties.push(party(G, '1.2.826.3088', ['g.federation', 'g.root'], signers))
  draft.signedBy.push('g.federation')
  draft.events.push(eventPart(G, 'activate', IN_FORCE_AT))
  draft.others.push(keySetPart(G, ['g.root', 'g.federation'], signers))
}

/** Parts with one payload as one General JWS. */
function joinParts(compact: readonly string[]): GeneralJws {
  const parts = compact.map((jws) => jws.split('.'))
  return {
    payload: parts[0]?.[1] ?? '',
    signatures: parts.map(([header = '', , signature = '']) => ({ protected: header, signature })),
  }
}

async function signEvents(parts: readonly Part[], hash: string, signers: Signers): Promise<string[]> {
  const lasts = new Map<unknown, { seq: number; hash: string }>()
  const signed: string[] = []
  for (const [i, part] of parts.entries()) {
    const { iss } = part.claims
    const last = lasts.get(iss)
    const claims: Claims = {
      jti: `01a1d2b4-6c00-7000-8000-${String(i).padStart(12, '0')}`,
      agreement_hash: hash,
      seq: (last?.seq ?? 0) + 1,
      prev: last?.hash ?? null,
      ...part.claims,
    }
    const jws = await signPart({ ...part, claims }, signers)
    lasts.set(iss, { seq: Number(claims['seq']), hash: await recordHash(jws) })
    signed.push(jws)
  }
  return signed
}

export interface SignedRecognition {
  code: string
  at: number
  anchor: Json
  bundle: { [name: string]: Json }
}

async function signKeySets(
  draft: RecognitionDraft,
  first: GeneralJws,
  signers: Signers,
): Promise<GeneralJws[]> {
  const sets = [first]
  for (const { part, cosigner } of draft.laterKeySets) {
    const prev = await agreementHash(sets.at(-1) ?? first)
    const claims = { ...part.claims, seq: sets.length + 1, prev }
    const keys = [...new Set([part.key, cosigner])]
    sets.push(joinParts(await Promise.all(keys.map((key) => signPart({ ...part, key, claims }, signers)))))
  }
  return sets
}

/** Signs a draft as it stands, right or wrong. */
export async function signRecognition(draft: RecognitionDraft, signers: Signers): Promise<SignedRecognition> {
  translateDraft(draft.foreign)
  draft.afterwards?.(draft.foreign)
  const { anchor } = await signDraft(createDraft(signers), signers)
  const foreign = await signDraft(draft.foreign, foreignSigners(signers))
  const keySets = await signKeySets(draft, foreign.anchor as unknown as GeneralJws, signers)
  const term = { typ: TYP.agreement, claims: draft.terms }
  const untouched = joinParts(
    await Promise.all(draft.signedBy.map((key) => signPart({ ...term, key }, signers))),
  )
  const agreement = draft.tamper?.(untouched) ?? untouched
  const hash = await agreementHash(untouched)
  const { entry } = draft
  entry['root_keys'] ??= [foreign.anchor]
  const named = entry['agreement'] as Claims
  named['hash'] ??= hash
  const events = await signEvents(draft.events, hash, signers)
  if (draft.late !== undefined) {
    const late = draft.late.map(async ({ nth, seen }) => ({
      hash: await recordHash(events[nth] ?? ''),
      seen,
    }))
    entry['late_events'] = await Promise.all(late)
  }
  const others = await Promise.all(draft.others.map((part) => signPart(part, signers)))
  const bundle = {
    ...foreign.bundle,
    root_keys: keySets as unknown as Json,
    recognition: {
      list: await signPart(draft.list, signers),
      agreement: agreement as unknown as Json,
      events,
      root_keys: [anchor, ...others.map((jws) => joinParts([jws]) as unknown as Json)],
    },
  }
  return { code: draft.code, at: draft.at, anchor, bundle }
}
