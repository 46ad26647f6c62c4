import { asProviderNumber } from '@arc3088/codec'
import { expect, test } from 'vitest'

import { fileOf, RequesterApplication, type Requester } from './requester.ts'
import { judgeVerification, type RequesterVerification } from './verification.ts'

const mandate = { provider: asProviderNumber(1), lapse: undefined }
const logKey = {
  key: new Uint8Array(32),
  digest: 'sha-256:Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU',
} as const
const request: RequesterVerification = {
  requesterId: 'r1',
  wish: undefined,
  businessType: undefined,
  operator: 'rita',
  reason: 'ok',
  logKey,
}
const filed = { id: 'r1', appliedAt: new Date('2026-11-22T00:00:00Z') }

function applicant(application: object, change: Partial<Requester> = {}): ReadonlyMap<string, Requester> {
  return new Map([['r1', { ...fileOf(RequesterApplication.parse(application), filed), ...change }]])
}

const ORGANIZATION = {
  kind: 'organization',
  name: '研究所B',
  name_en: 'Institute B',
  country: 'CN',
  contact: 'b@b.example',
}
const PERSON = { kind: 'natural-person', name: 'Somebody', country: 'CN', contact: 's@s.example' }

test('puts an organisation into the record by its name', () => {
  expect(judgeVerification(request, { requesters: applicant(ORGANIZATION), mandate }, [])).toEqual({
    kind: 'assign',
    parent: { provider: 1, requester: 0, ontology: 0, instance: 0 },
    extra: {
      requester_kind: 'organization',
      organization: { name: '研究所B', name_en: 'Institute B', country: 'CN' },
      log_key_digest: logKey.digest,
    },
    disclosure: { requesterKind: 'organization' },
    logKey: logKey.key,
  })
})

test('puts nothing of a natural person into the record, and keeps the name in the dossier alone', () => {
  const judgement = judgeVerification(request, { requesters: applicant(PERSON), mandate }, [])
  expect(judgement).toMatchObject({
    kind: 'assign',
    extra: { requester_kind: 'natural-person' },
    disclosure: { requesterKind: 'natural-person' },
  })
  expect(JSON.stringify(judgement)).not.toContain('Somebody')
  const { dossier, ...shown } = fileOf(RequesterApplication.parse(PERSON), filed)
  expect(dossier.personName).toBe('Somebody')
  expect(JSON.stringify(shown)).not.toContain('Somebody')
})

test.each([
  ['who does not exist', new Map<string, Requester>(), [], 'requester-not-found'],
  ['who was verified before', applicant(ORGANIZATION, { state: 'active', code: 7 }), [], 'requester-state'],
  ['who is verified in the same batch', applicant(ORGANIZATION), [request], 'requester-state'],
] as const)('refuses an applicant %s', (_, requesters, earlier, because) => {
  expect(judgeVerification(request, { requesters, mandate }, earlier)).toMatchObject({
    kind: 'refuse',
    because,
  })
})

test('assigns nothing while the root does not allow it', () => {
  const facts = { requesters: applicant(ORGANIZATION), mandate: { ...mandate, lapse: 'expired' } }
  expect(judgeVerification(request, facts, [])).toMatchObject({
    kind: 'refuse',
    because: 'appointment-lapsed',
  })
})
