import { expect, test } from 'vitest'

import type { ApplicationState } from '../applications/application-step.ts'
import type { Application } from '../applications/application.ts'
import { judgeAssignment, type ProviderAssignment } from './assignment.ts'

const request: ProviderAssignment = {
  applicationId: 'a1',
  wish: 1,
  approval: { proposalId: 'p1', officer: 'bo', decision: 'd1' },
  statementStatus: { list: 0, index: 7 },
}

function applicationIn(state: ApplicationState): Application {
  return {
    id: 'a1',
    entityId: 'https://a.example',
    kind: 'domestic',
    organization: { name: '公司A', name_en: 'Company A', country: 'CN' },
    contact: 'desk@a.example',
    dossier: { identifiers: [], evidence: [], scenarios: [] },
    federationKeys: [],
    wishedCode: null,
    log: null,
    state,
    stateSince: new Date('2026-11-22T00:00:00Z'),
    revision: 1,
    step: 1,
    takenBy: null,
    appliedAt: new Date('2026-11-22T00:00:00Z'),
  }
}

test.each([
  ['under review', 'under-review', [], 'assign'],
  ['not taken up yet', 'applied', [], 'application-state'],
  ['returned for completion', 'returned', [], 'application-state'],
  ['rejected', 'rejected', [], 'application-state'],
  ['withdrawn', 'withdrawn', [], 'application-state'],
  ['approved before', 'approved', [], 'application-state'],
  ['of an entity that is a provider', 'under-review', ['https://a.example'], 'entity-known'],
  ['approved, of an entity that is a provider', 'approved', ['https://a.example'], 'entity-known'],
] as const)('judges an application %s', (_, state, known, expected) => {
  const facts = {
    applications: new Map([['a1', applicationIn(state)]]),
    knownEntities: new Set<string>(known),
  }
  const judgement = judgeAssignment(request, facts)
  expect(judgement.kind === 'refuse' ? judgement.because : judgement.kind).toBe(expected)
})

test('refuses an application that does not exist', () => {
  const judgement = judgeAssignment(request, { applications: new Map(), knownEntities: new Set() })
  expect(judgement).toMatchObject({ kind: 'refuse', because: 'application-not-found' })
})

test('puts the organisation and its entity into the record, at the wished code', () => {
  const facts = {
    applications: new Map([['a1', applicationIn('under-review')]]),
    knownEntities: new Set<string>(),
  }
  expect(judgeAssignment(request, facts)).toEqual({
    kind: 'assign',
    parent: { provider: 0, requester: 0, ontology: 0, instance: 0 },
    wish: 1,
    extra: {
      entity_id: 'https://a.example',
      organization: { name: '公司A', name_en: 'Company A', country: 'CN' },
      decision: 'sha-256:d1',
    },
  })
})
