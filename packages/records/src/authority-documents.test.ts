import { parseSubject } from '@arc3088/codec'
import { describe, expect, test } from 'vitest'

import {
  isAffected,
  isConcerned,
  readAdvisory,
  readAdvisoryList,
  signAdvisory,
  signAdvisoryList,
  verifyAdvisory,
  verifyAdvisoryList,
  type Advisory,
  type AdvisoryEntry,
  type AdvisoryList,
} from './advisory.ts'
import {
  readCertifierList,
  signCertifierList,
  verifyCertifierList,
  type CertifierList,
} from './certifier-list.ts'
import { signCompact } from './compact-jws.ts'
import { readIndicators, signIndicators, type Indicators } from './indicators.ts'
import { assembleList, collectList, judgeListSuccession, listDigest, pageDigest } from './list-page.ts'
import {
  readScenarioTable,
  signScenarioTable,
  verifyScenarioTable,
  type ScenarioTable,
} from './scenario-table.ts'
import { FIRST_TIERS, FIRST_TIERS_SINCE, SCENARIO_NAMES, SCENARIOS } from './scenario.ts'
import { createMemorySigner, generateSigningKey, type Signer } from './signer.ts'

async function newSigner(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}

const federation = await newSigner()
const other = await newSigner()
const ROOT = 'https://root.example'
const HASH = 'A'.repeat(43)
const AT = 1_790_000_000

const ADVISORY: Advisory = {
  iss: ROOT,
  sub: 'urn:uuid:01990000-0000-7000-8000-000000000001',
  iat: AT,
  version: 1,
  kind: 'recall-order',
  severity: 'high',
  title: { zh: '召回', en: 'Recall' },
  summary: { zh: '组件有缺陷', en: 'A part is defective' },
  affected: ['1.2.156.3088.1.1.34C2.478BDF.0'],
  scenarios: ['finance'],
  references: [{ uri: 'https://root.example/notices/1', digest: `sha-256:${HASH}` }],
  acknowledge_by: AT + 86_400,
  state: 'published',
  decision: HASH,
}

describe('an advisory', () => {
  test('is read back as it was signed, and by no other key', async () => {
    const jws = await signAdvisory(federation, ADVISORY)
    expect(await verifyAdvisory(jws, [federation.publicJwk])).toMatchObject({
      kind: 'verified',
      claims: ADVISORY,
    })
    expect(await verifyAdvisory(jws, [other.publicJwk])).toMatchObject({ reason: 'key-unknown' })
  })

  test('of a later version names the one before', async () => {
    const second: Advisory = { ...ADVISORY, version: 2, prev: HASH, state: 'withdrawn' }
    expect(readAdvisory(await signAdvisory(federation, second))).toMatchObject({
      kind: 'read',
      claims: second,
    })
  })

  test.each([
    ['a first version with a predecessor', { prev: HASH }],
    ['a later version without its predecessor', { version: 2 }],
    ['a first version that is withdrawn', { state: 'withdrawn' }],
    ['a title in one language', { title: { zh: '召回' } }],
    ['nothing that is affected', { affected: [] }],
    ['a code twice', { affected: ['1.2.156.3088.1.1', '1.2.156.3088.1.1'] }],
    ['too many codes', { affected: Array.from({ length: 201 }, (_, nth) => `1.2.156.3088.1.${nth + 1}`) }],
    ['an unknown scenario', { scenarios: ['astrology'] }],
    ['an unknown severity', { severity: 'dire' }],
    ['a reference without its digest', { references: [{ uri: 'https://root.example/notices/1' }] }],
    ['no decision', { decision: undefined }],
    ['a name that is no UUIDv7', { sub: 'urn:uuid:01990000-0000-4000-8000-000000000001' }],
  ])('refuses %s', async (_, change) => {
    const jws = await signCompact(federation, 'agent-code-advisory+jwt', { ...ADVISORY, ...change })
    expect(readAdvisory(jws)).toMatchObject({ kind: 'rejected', reason: 'claims-invalid' })
  })
})

describe('what an advisory touches', () => {
  const instance = parseSubject('1.2.156.3088.1.1.34C2.478BDF.3GF546')
  const provider = parseSubject('1.2.156.3088.1.1')

  test.each([
    ['its provider', '1.2.156.3088.1.1', true],
    ['its requester', '1.2.156.3088.1.1.34C2', true],
    ['its ontology', '1.2.156.3088.1.1.34C2.478BDF.0', true],
    ['itself', '1.2.156.3088.1.1.34C2.478BDF.3GF546', true],
    ['another instance', '1.2.156.3088.1.1.34C2.478BDF.3GF547', false],
    ['a provider whose code begins alike', '1.2.156.3088.1.11', false],
    ['a code of another root', '1.2.999.1.1.1', false],
  ])('an instance is touched by what names %s: %s', (_, affected, expected) => {
    expect(isAffected([affected], instance)).toBe(expected)
  })

  test('a provider is concerned by what names a code below it, and not touched as a whole', () => {
    expect(isConcerned([instance.text], provider)).toBe(true)
    expect(isAffected([instance.text], provider)).toBe(false)
    expect(isConcerned(['1.2.156.3088.1.2'], provider)).toBe(false)
  })
})

const { kind, severity, title, affected } = ADVISORY
const ENTRY: AdvisoryEntry = {
  id: ADVISORY.sub,
  version: 1,
  hash: HASH,
  state: 'published',
  kind,
  severity,
  title,
  affected,
}
const SECOND = { ...ENTRY, id: 'urn:uuid:01990000-0000-7000-8000-000000000002' }

async function pagesOf(
  entries: readonly (readonly AdvisoryEntry[])[],
  { seq = 1, prev = null }: { seq?: number; prev?: string | null } = {},
): Promise<AdvisoryList[]> {
  const digest = await listDigest({ seq, prev, pages: await Promise.all(entries.map(pageDigest)) })
  const head = { iss: ROOT, iat: AT, exp: AT + 3600, ttl: 60, seq, prev, digest, pages: entries.length }
  return entries.map((page, nth) => ({ ...head, page: nth + 1, entries: [...page] }))
}

describe('a list of advisories', () => {
  test('is put together from its pages', async () => {
    const pages = await pagesOf([[ENTRY], [SECOND]])
    const verified = await Promise.all(
      pages.map(async (page) => {
        const jws = await signAdvisoryList(federation, page)
        return await verifyAdvisoryList(jws, [federation.publicJwk])
      }),
    )
    const claims = verified.flatMap((each) => (each.kind === 'verified' ? [each.claims] : []))
    expect(await assembleList(claims)).toMatchObject({
      seq: 1,
      prev: null,
      exp: AT + 3600,
      entries: [ENTRY, SECOND],
    })
  })

  test('is refused with a page missing, doubled, of another list, or other than its digest says', async () => {
    const [one, two] = await pagesOf([[ENTRY], [SECOND]])
    const [later] = await pagesOf([[ENTRY], [SECOND]], { seq: 2, prev: HASH })
    if (one === undefined || two === undefined || later === undefined) throw new Error('there are pages')
    const forged = { ...two, entries: [{ ...SECOND, state: 'withdrawn' as const }] }
    for (const pages of [[], [one], [one, one], [two, one], [later, two], [one, forged]])
      expect(await assembleList(pages)).toMatchObject({ kind: 'rejected', reason: 'claims-invalid' })
  })

  test.each([
    ['a list that lives for a day', { exp: AT + 86_400 }, 'lifetime-too-long'],
    ['a page after the last', { page: 2 }, 'claims-invalid'],
    ['a first list with a predecessor', { prev: HASH }, 'claims-invalid'],
    ['a later list without one', { seq: 2 }, 'claims-invalid'],
    ['an advisory twice', { entries: [ENTRY, ENTRY] }, 'claims-invalid'],
    ['an end before its beginning', { exp: AT }, 'claims-invalid'],
  ])('refuses %s', async (_, change, reason) => {
    const [page] = await pagesOf([[ENTRY]])
    const jws = await signCompact(federation, 'agent-code-advisory-list+jwt', { ...page, ...change })
    expect(readAdvisoryList(jws)).toMatchObject({ kind: 'rejected', reason })
  })

  test('is collected page by page, and believed of its issuer alone, and not after its end', async () => {
    const pages = await pagesOf([[ENTRY], [SECOND]])
    const texts = await Promise.all(pages.map((page) => signAdvisoryList(federation, page)))
    const readPage = (page: number) => Promise.resolve(texts[page - 1] ?? '')
    const trust = { verify: verifyAdvisoryList, keys: [federation.publicJwk], issuer: ROOT, at: AT }
    expect(await collectList(readPage, trust)).toMatchObject({ seq: 1, entries: [ENTRY, SECOND] })
    for (const change of [
      { issuer: 'https://other.example' },
      { at: AT + 3601 },
      { keys: [other.publicJwk] },
    ])
      expect(await collectList(readPage, { ...trust, ...change })).toMatchObject({ kind: 'rejected' })
  })

  test('is judged by the one before it', () => {
    const known = { seq: 3, prev: 'a', digest: 'b' }
    expect(judgeListSuccession(undefined, known)).toBe('first')
    expect(judgeListSuccession(known, known)).toBe('same')
    expect(judgeListSuccession(known, { seq: 4, prev: 'b', digest: 'c' })).toBe('newer')
    expect(judgeListSuccession(known, { seq: 7, prev: 'x', digest: 'c' })).toBe('newer')
    expect(judgeListSuccession(known, { seq: 2, prev: 'x', digest: 'a' })).toBe('rolled-back')
    expect(judgeListSuccession(known, { seq: 3, prev: 'a', digest: 'c' })).toBe('forked')
    expect(judgeListSuccession(known, { seq: 4, prev: 'x', digest: 'c' })).toBe('forked')
  })
})

const CERTIFIERS: CertifierList = {
  iss: ROOT,
  iat: AT,
  exp: AT + 3600,
  ttl: 60,
  seq: 1,
  prev: null,
  digest: HASH,
  page: 1,
  pages: 1,
  entries: [
    {
      entity_id: 'https://certifier.example',
      name: { zh: '认证中心', en: 'Certification centre' },
      jwks: { keys: [federation.publicJwk] },
      scope: { scenarios: ['finance', 'healthcare'], schemes: ['GB/T 1'] },
      valid_from: AT,
      valid_until: AT + 86_400,
      state: 'active',
      state_since: AT,
      decision: HASH,
    },
  ],
}

describe('a list of certifiers', () => {
  test('is read back as it was signed', async () => {
    const jws = await signCertifierList(federation, CERTIFIERS)
    expect(await verifyCertifierList(jws, [federation.publicJwk])).toMatchObject({ claims: CERTIFIERS })
  })

  test.each([
    ['whose time ends before it begins', { valid_until: AT }],
    ['without a key', { jwks: { keys: [] } }],
    ['without a scenario', { scope: { scenarios: [], schemes: ['GB/T 1'] } }],
    ['with a scheme twice', { scope: { scenarios: ['finance'], schemes: ['a', 'a'] } }],
    ['in no state that there is', { state: 'famous' }],
    ['at an address that is none', { entity_id: 'ftp://certifier.example' }],
  ])('refuses a certifier %s', async (_, change) => {
    const entries = [{ ...CERTIFIERS.entries[0], ...change }]
    const jws = await signCompact(federation, 'agent-code-certifier-list+jwt', { ...CERTIFIERS, entries })
    expect(readCertifierList(jws)).toMatchObject({ kind: 'rejected', reason: 'claims-invalid' })
  })

  test('refuses a certifier that stands twice', async () => {
    const entries = [...CERTIFIERS.entries, ...CERTIFIERS.entries]
    const jws = await signCompact(federation, 'agent-code-certifier-list+jwt', { ...CERTIFIERS, entries })
    expect(readCertifierList(jws)).toMatchObject({ kind: 'rejected', reason: 'claims-invalid' })
  })
})

const TABLE: ScenarioTable = {
  iss: ROOT,
  iat: AT,
  exp: AT + 3600,
  ttl: 60,
  seq: 1,
  prev: null,
  digest: HASH,
  since: FIRST_TIERS_SINCE,
  scenarios: SCENARIO_NAMES.map((name) => {
    const { item, zh, en } = SCENARIOS[name]
    return { name, item, title: { zh, en }, tier: FIRST_TIERS[name], since: FIRST_TIERS_SINCE }
  }),
  decision: null,
}

describe('the scenario table', () => {
  test('holds items 15 to 33 of the policy, in their order, and begins with six sensitive fields', async () => {
    expect(SCENARIO_NAMES.map((name) => SCENARIOS[name].item)).toEqual(
      Array.from({ length: 19 }, (_, nth) => nth + 15),
    )
    expect(SCENARIO_NAMES.filter((name) => FIRST_TIERS[name] === 'sensitive')).toEqual([
      'transportation',
      'finance',
      'healthcare',
      'government-services',
      'judicial-services',
      'public-safety',
    ])
    expect(new Date(FIRST_TIERS_SINCE * 1000).toISOString()).toBe('2026-05-08T00:00:00.000Z')
    const jws = await signScenarioTable(federation, TABLE)
    expect(await verifyScenarioTable(jws, [federation.publicJwk])).toMatchObject({ claims: TABLE })
  })

  test.each([
    ['a scenario missing', { scenarios: TABLE.scenarios.slice(1) }],
    ['another order', { scenarios: TABLE.scenarios.toReversed() }],
    ['a scenario twice', { scenarios: [...TABLE.scenarios.slice(1), TABLE.scenarios[1]] }],
    ['another item', { scenarios: TABLE.scenarios.map((each) => ({ ...each, item: 15 })) }],
    ['a first table that was decided', { decision: HASH }],
    ['a later table that nobody decided', { seq: 2, prev: HASH }],
  ])('refuses %s', async (_, change) => {
    const jws = await signCompact(federation, 'agent-code-scenarios+jwt', { ...TABLE, ...change })
    expect(readScenarioTable(jws)).toMatchObject({ kind: 'rejected', reason: 'claims-invalid' })
  })
})

const INDICATORS: Indicators = {
  iss: ROOT,
  iat: AT,
  exp: AT + 3600,
  figures: {
    providers: {
      total: 2,
      by_state: { active: 2 },
      by_kind: { domestic: 1, overseas: 1 },
      by_country: { CN: 1, SG: 1 },
      growth: [{ month: '2026-11', assigned: 2, total: 2 }],
    },
    codes: [{ level: 'provider', status: 'valid', count: 2 }],
    agreements: { total: 0, by_state: {} },
    applications: {
      total: 2,
      by_state: { approved: 2 },
      steps: [{ step: 'review', count: 2, median_seconds: 60, p90_seconds: 90 }],
    },
    advisories: { total: 0, by_state: {} },
    certifiers: { total: 0, by_state: {} },
  },
}

describe('signed figures', () => {
  test('are read back as they were signed', async () => {
    expect(readIndicators(await signIndicators(federation, INDICATORS))).toMatchObject({ claims: INDICATORS })
  })

  test('refuse a count below nothing, and an end before the beginning', async () => {
    const { figures } = INDICATORS
    for (const change of [
      { exp: AT },
      { figures: { ...figures, agreements: { total: -1, by_state: {} } } },
    ]) {
      const jws = await signCompact(federation, 'agent-code-indicators+jwt', { ...INDICATORS, ...change })
      expect(readIndicators(jws)).toMatchObject({ kind: 'rejected', reason: 'claims-invalid' })
    }
  })
})
