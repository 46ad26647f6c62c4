import { callerOf, textOf, type Caller } from './caller.ts'

/** A verified requester with one approved ontology: what it takes to register instances. */
export interface StandRequester {
  readonly token: string
  readonly ontology: string
}

const APPLICATION = {
  kind: 'organization',
  name: '研究所B',
  name_en: 'Institute B',
  country: 'CN',
  contact: 'desk@b.example',
}

const DESCRIPTION = {
  name: { zh: '文献助手', en: 'Literature assistant' },
  version: '1.0.0',
  capabilities: [{ name: 'search', decision_authority: 'autonomous' }],
  permissions: ['web-search'],
  scenario: 'scientific-research',
}

/** Applies, is verified, submits an ontology and has it approved. */
export async function enrolRequester(url: string, reviewer: Caller): Promise<StandRequester> {
  const receipt = await callerOf(url).post('/v1/requesters', APPLICATION)
  await reviewer.post(`/v1/desk/requesters/${textOf(receipt, 'id')}/verify`, {
    reason: 'the register says so',
  })
  const token = textOf(receipt, 'token')
  const requester = callerOf(url, token)
  const id = textOf(await requester.post('/v1/ontologies', { description: DESCRIPTION }), 'id')
  await requester.post(`/v1/ontologies/${id}/submit`, {})
  await reviewer.post(`/v1/desk/ontologies/${id}/take`, {})
  const approved = await reviewer.post(`/v1/desk/ontologies/${id}/approve`, { reason: 'reviewed' })
  return { token, ontology: textOf(approved, 'code') }
}
