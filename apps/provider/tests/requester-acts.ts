import { textOf } from './answers.ts'
import type { Caller, TestProvider } from './start-test-provider.ts'

/** Institute B of annex C. */
export const INSTITUTE_B = {
  kind: 'organization',
  name: '研究所B',
  name_en: 'Institute B',
  country: 'CN',
  contact: 'desk@b.example',
}

/** A description that passes. */
export const DESCRIPTION = {
  name: { zh: '文献助手', en: 'Literature assistant' },
  version: '1.0.0',
  capabilities: [
    { name: 'search', decision_authority: 'autonomous' },
    { name: 'order', description: 'orders a copy', decision_authority: 'user-authorised' },
  ],
  permissions: ['web-search'],
  scenario: 'scientific-research',
}

/** Somebody who applied and was verified. */
export interface TestRequester extends Caller {
  readonly id: string
  /** The code prefix. */
  readonly code: string
}

/** Applies and is verified. */
export async function verifiedRequester(
  provider: TestProvider,
  wish?: string,
  application: object = INSTITUTE_B,
): Promise<TestRequester> {
  const receipt = await provider.anyone.post('/v1/requesters', application)
  const id = textOf(receipt, 'id')
  const verified = await provider
    .operator('rita')
    .post(`/v1/desk/requesters/${id}/verify`, { code: wish, reason: 'the register says so' })
  return { ...provider.as(textOf(receipt, 'token')), id, code: textOf(verified, 'code') }
}

/** Drafts and hands in an ontology, and has it taken up; answers its id. */
export async function ontologyUnderReview(provider: TestProvider, requester: Caller): Promise<string> {
  const draft = await requester.post('/v1/ontologies', { description: DESCRIPTION })
  const id = textOf(draft, 'id')
  await requester.post(`/v1/ontologies/${id}/submit`)
  await provider.operator('rita').post(`/v1/desk/ontologies/${id}/take`)
  return id
}

/** Has an ontology approved; answers its code. */
export async function approvedOntology(
  provider: TestProvider,
  requester: Caller,
  serial?: string,
): Promise<string> {
  const id = await ontologyUnderReview(provider, requester)
  const approval = { serial, reason: 'reviewed' }
  return textOf(await provider.operator('rita').post(`/v1/desk/ontologies/${id}/approve`, approval), 'code')
}
