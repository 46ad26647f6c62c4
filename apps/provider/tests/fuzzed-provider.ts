import { readContract, type FuzzTarget } from '@arc3088/testkit'

import { openApiDocument } from '../src/http/openapi-document.ts'
import { PROVIDER_PERMISSIONS } from '../src/permissions.ts'
import { textOf } from './answers.ts'
import {
  approvedOntology,
  DESCRIPTION,
  INSTITUTE_B,
  ontologyUnderReview,
  verifiedRequester,
} from './requester-acts.ts'
import { startRootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

/** A provider at work, with what is known of it. */
export interface FuzzedProvider extends FuzzTarget, AsyncDisposable {
  readonly provider: TestProvider
}

/** Brings up a provider with one of everything that has an identifier, so that requests get past the first check. */
export async function startFuzzedProvider(): Promise<FuzzedProvider> {
  const resources = new AsyncDisposableStack()
  const root = resources.use(await startRootProcess())
  const provider = resources.use(await startTestProvider(root))
  await provider.appoint('1')
  const requester = await verifiedRequester(provider, '34C2')
  const applied = await provider.anyone.post('/v1/requesters', INSTITUTE_B)
  const ontology = await approvedOntology(provider, requester, '478BDF')
  const instance = await requester.post(`/v1/ontologies/${ontology}/instances`, { serial: '3GF546' })
  const instanceCode = textOf(instance, 'code')
  const busy = await approvedOntology(provider, requester, '478BDH')
  const underReview = await ontologyUnderReview(provider, requester)
  const draft = textOf(await requester.post('/v1/ontologies', { description: DESCRIPTION }), 'id')
  const status = (await provider.anyone.get('/status')).body['status_lists']
  const reason = { reason: 'as was asked' }
  return {
    provider,
    url: provider.url,
    contract: readContract(openApiDocument()),
    callers: {
      requester: requester.token,
      applicant: textOf(applied, 'token'),
      reviewer: provider.operator('rita').token,
      administrator: provider.operator('admin').token,
      auditor: provider.operator('audit').token,
    },
    permissions: PROVIDER_PERMISSIONS,
    values: {
      id: [draft, underReview, requester.id, textOf(applied, 'id')],
      code: [instanceCode, ontology, requester.code, '1.2.156.3088.1.1', '1.2.156.3088.1.2.1.1.1'],
      'POST /v1/ontologies/{code}/instances code': [busy],
      'POST /v1/ontologies/{code}/instances:bulk code': [busy],
      list: Array.isArray(status)
        ? status.map((uri) => String(uri).slice(String(uri).lastIndexOf('/') + 1))
        : [],
      level: ['0', 'entries'],
      index: ['000', '000.p/1'],
      segment: ['0', '1'],
      limit: ['1', '1000'],
      after: ['0', '1'],
      // The longest wait is thirty seconds.
      wait: ['0', '0', '31', '-1', '1.5'],
      at: ['2026-11-22T09:00:00Z', String(Math.floor(Date.now() / 1000))],
      name: ['general', 'mine'],
      'if-match': ['"1"', '"2"', '*'],
      'idempotency-key': ['a-key', 'another'],
    },
    bodies: {
      'POST /v1/codes/{code}/lock': [reason],
      'POST /v1/codes/{code}/unlock': [reason],
      'POST /v1/codes/{code}/retire': [reason],
      'POST /v1/requesters': [INSTITUTE_B, { ...INSTITUTE_B, kind: 'natural-person' }],
      'POST /v1/ontologies': [{ description: DESCRIPTION }],
      'PUT /v1/ontologies/{id}': [{ description: { ...DESCRIPTION, version: '2.0.0' } }],
      'POST /v1/ontologies/{code}/instances': [{}, { serial: '3GF547' }],
      'POST /v1/ontologies/{code}/instances:bulk': ['{"key":"1"}\n{"key":"2","serial":"3GF548"}\n'],
      'POST /v1/desk/requesters/{id}/verify': [{ code: '34C3', ...reason }, reason],
      'POST /v1/desk/ontologies/{id}/approve': [{ serial: '478BDG', ...reason }, reason],
      'POST /v1/desk/ontologies/{id}/return': [reason],
      'POST /v1/desk/ontologies/{id}/reject': [reason],
      'POST /v1/desk/advisories/{id}/acknowledge': [reason],
      'POST /add-checkpoint': [`old 0\n\n${root.url.slice('http://'.length)}/tlog\n1\nAAAA\n\n— x AAAA\n`],
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
