import type { RecognitionAgreement } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import {
  agreementDateFault,
  isNamePermitted,
  overlapFault,
  recognises,
  scopeFault,
  successionFault,
} from './recognition-guards.ts'

const OWN = ['1.2.156.3088']

describe('prefixes that are to be recognised', () => {
  test.each([
    ['that are apart from all others', ['1.2.250.1'], ['1.2.826.1'], undefined],
    ["that are one's own", ['1.2.156.3088'], [], 'own 1.2.156.3088'],
    ["below one's own", ['1.2.156.3088.7'], [], 'own 1.2.156.3088'],
    ["above one's own", ['1.2.156'], [], 'own 1.2.156.3088'],
    ['below one recognised', ['1.2.250.1.5'], ['1.2.250.1'], 'recognised 1.2.250.1'],
    ['that only begin alike', ['1.2.250.10'], ['1.2.250.1'], undefined],
    ['of which the second overlaps', ['1.2.9', '1.2.250'], ['1.2.250.1'], 'recognised 1.2.250.1'],
    ['that are no root prefix', ['1.2.0250'], [], 'malformed '],
  ] as const)('%s', (_, fresh, recognised, expected) => {
    const fault = overlapFault(fresh, OWN, recognised)
    const told = fault === undefined ? undefined : `${fault.with} ${fault.other ?? ''}`
    expect(told).toBe(expected)
  })
})

const scope = {
  reciprocal: true,
  levels: ['provider', 'ontology'] as ('provider' | 'ontology')[],
  scheme_versions: ['1'],
  purposes: ['resolution'],
}

describe('the scope of an agreement', () => {
  test.each([
    ['ontology', '1', 'resolution', undefined],
    ['instance', '1', 'resolution', 'level'],
    ['ontology', '2', 'resolution', 'scheme-version'],
    ['ontology', '1', 'statistics', 'purpose'],
  ] as const)('%s of version %s for %s: %s', (level, version, purpose, expected) => {
    expect(scopeFault({ ...scope, purposes: [purpose] }, { level, version })).toBe(expected)
  })
})

const terms = (more: Partial<RecognitionAgreement>) =>
  ({
    jti: 'urn:uuid:01a1d2b4-6c00-7000-8000-000000000900',
    version: 1,
    supersedes: null,
    iat: 100,
    nbf: 200,
    exp: 1000,
    review_by: 900,
    scope,
    parties: [
      { entity_id: 'https://a.example' },
      { entity_id: 'https://b.example' },
      { entity_id: 'https://c.example' },
    ],
    ...more,
  }) as RecognitionAgreement

describe('who recognises whom', () => {
  test('everybody everybody else, where it is reciprocal', () => {
    expect(recognises(terms({}), 'https://b.example', 'https://c.example')).toBe(true)
    expect(recognises(terms({}), 'https://b.example', 'https://b.example')).toBe(false)
    expect(recognises(terms({}), 'https://b.example', 'https://d.example')).toBe(false)
  })
  test('the first party alone, where it is not', () => {
    const oneWay = terms({ scope: { ...scope, reciprocal: false } })
    expect(recognises(oneWay, 'https://a.example', 'https://c.example')).toBe(true)
    expect(recognises(oneWay, 'https://c.example', 'https://a.example')).toBe(false)
    expect(recognises(oneWay, 'https://b.example', 'https://c.example')).toBe(false)
  })
})

describe('terms at an instant', () => {
  test.each([
    [99, 'issued-in-future'],
    [100, undefined],
    [900, undefined],
    [901, 'review-overdue'],
    [1001, 'expired'],
  ] as const)('%i: %s', (at, expected) => {
    expect(agreementDateFault(terms({}), at)).toBe(expected)
  })
})

describe('the version that replaces another', () => {
  const before = { claims: terms({}), hash: 'A'.repeat(43) }
  const supersedes = { jti: before.claims.jti, hash: before.hash }
  const next = (more: Partial<RecognitionAgreement>) =>
    terms({ jti: 'urn:uuid:01a1d2b4-6c00-7000-8000-000000000901', version: 2, supersedes, ...more })
  test.each([
    ['names it and follows it', next({}), undefined],
    ['names another', next({ supersedes: { ...supersedes, hash: 'B'.repeat(43) } }), 'supersedes-other'],
    ['names none', next({ supersedes: null }), 'supersedes-other'],
    ['leaves one out', next({ version: 3 }), 'version-not-next'],
    ['has nobody in common', next({ parties: [] }), 'parties-other'],
  ] as const)('%s', (_, claims, expected) => {
    expect(successionFault(claims, before)).toBe(expected)
  })
})

describe('names of entities', () => {
  test.each([
    ['https://p.example.org', ['p.example.org'], true],
    ['https://P.example.org:8443/x', ['p.example.org'], true],
    ['https://q.p.example.org', ['p.example.org'], false],
    ['https://q.p.example.org', ['.example.org'], true],
    ['https://example.org', ['.example.org'], false],
    ['https://evilexample.org', ['.example.org'], false],
    ['not an address', ['.example.org'], false],
  ] as const)('%s under %j: %s', (entityId, permitted, expected) => {
    expect(isNamePermitted(entityId, permitted)).toBe(expected)
  })
})
