import { asProviderNumber } from '@arc3088/codec'
import { FIRST_TIERS } from '@arc3088/records'
import { expect, test } from 'vitest'

import { judgeApproval, type OntologyApproval, type OntologyFacts } from './approval.ts'
import type { Ontology } from './ontology.ts'
import type { ReviewState } from './review.ts'

const mandate = { provider: asProviderNumber(1), lapse: undefined }
const request: OntologyApproval = {
  ontologyId: 'o1',
  wish: 7,
  businessType: undefined,
  evidence: [],
  operator: 'rita',
  reason: 'fine',
}

function ontologyIn(review: ReviewState): OntologyFacts {
  const at = new Date('2026-11-22T00:00:00Z')
  const ontology: Ontology = {
    id: 'o1',
    requester: 42,
    version: 3,
    description: {
      name: { en: 'x' },
      version: '1',
      capabilities: [{ name: 'search', decision_authority: 'autonomous' }],
      permissions: [],
      scenario: 'education',
    },
    review,
    takenBy: 'rita',
    core: { profile: 'arc3088-core-1', digest: 'sha-256:x' },
    ontology: null,
    life: null,
    createdAt: at,
    changedAt: at,
  }
  return { ontologies: new Map([['o1', ontology]]), mandate, tiers: FIRST_TIERS }
}

test.each([
  ['draft', 'ontology-state'],
  ['submitted', 'ontology-state'],
  ['under-review', 'assign'],
  ['returned', 'ontology-state'],
  ['rejected', 'ontology-state'],
  ['approved', 'ontology-state'],
] as const)('judges the approval of what is %s: %s', (review, expected) => {
  const judgement = judgeApproval(request, ontologyIn(review), [])
  expect(judgement.kind === 'refuse' ? judgement.because : judgement.kind).toBe(expected)
})

test('refuses what does not exist', () => {
  const judgement = judgeApproval(request, { ontologies: new Map(), mandate, tiers: FIRST_TIERS }, [])
  expect(judgement).toMatchObject({ kind: 'refuse', because: 'ontology-not-found' })
})

test('refuses a second approval within one batch', () => {
  const judgement = judgeApproval(request, ontologyIn('under-review'), [request])
  expect(judgement).toMatchObject({ kind: 'refuse', because: 'ontology-state' })
})

test('puts the core of what was submitted into the record, below its requester', () => {
  expect(judgeApproval(request, ontologyIn('under-review'), [])).toEqual({
    kind: 'assign',
    parent: { provider: 1, requester: 42, ontology: 0, instance: 0 },
    wish: 7,
    extra: { core_profile: 'arc3088-core-1', core_digest: 'sha-256:x' },
  })
})

test('assigns nothing while the root does not allow it', () => {
  const facts = { ...ontologyIn('under-review'), mandate: { ...mandate, lapse: 'expired' } }
  expect(judgeApproval(request, facts, [])).toMatchObject({ kind: 'refuse', because: 'appointment-lapsed' })
})

test('asks for evidence where the scenario is sensitive, by the table of the root', () => {
  const facts = ontologyIn('under-review')
  const tiers = { ...FIRST_TIERS, education: 'sensitive' as const }
  expect(judgeApproval(request, { ...facts, tiers }, [])).toMatchObject({
    kind: 'refuse',
    because: 'evidence-required',
    extra: { scenario: 'education', clause: 'Implementation Opinions, item 11' },
  })
  const evidence = [{ digest: `sha-256:${'A'.repeat(43)}`, description: 'certificate 7' }]
  expect(judgeApproval({ ...request, evidence }, { ...facts, tiers }, []).kind).toBe('assign')
  expect(judgeApproval(request, facts, []).kind).toBe('assign')
})
