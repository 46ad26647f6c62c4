import { expect } from 'vitest'

import type { TestOfficerName, TestRoot } from './start-test-root.ts'
import { COMPANY_A, readJson, type ApplyOptions, type TestApplicant } from './test-applicant.ts'

/** What only the desk and the applicant may ever see. */
export const SECRETS = {
  contact: 'hotline-7731@institute-x.example',
  representative: 'Béatrice Dupont-Sekret',
  identifier: 'SIREN-552100554',
  evidence: 'https://institute-x.example/evidence/kbis-9917.pdf',
  purpose: 'unpublished purposes of the institute',
} as const

/** Everything that an application may say. */
export const DOSSIER = {
  contact: SECRETS.contact,
  identifiers: [{ scheme: 'siren', value: SECRETS.identifier }],
  legal_representative: { name: SECRETS.representative, position: 'directrice' },
  evidence: [
    {
      kind: 'registration-certificate',
      uri: SECRETS.evidence,
      digest: `sha-256:${'A'.repeat(43)}`,
      title: 'Extrait Kbis',
    },
  ],
  purposes: SECRETS.purpose,
  scenarios: ['scientific-research', 'education'],
  numbering_plan: { summary: 'by laboratory', uri: 'https://institute-x.example/numbering' },
} as const

/** The overseas institute of annex B b. */
export const INSTITUTE_X = { name: 'Institut X', name_en: 'Institute X', country: 'FR' }

/** Applies, and answers the id. */
export async function apply(applicant: TestApplicant, options: ApplyOptions = {}): Promise<string> {
  const response = await applicant.apply(options)
  const receipt = await readJson(response)
  expect([response.status, receipt]).toMatchObject([201, { state: 'applied', revision: 1 }])
  return String(receipt['id'])
}

export async function take(root: TestRoot, id: string, by: TestOfficerName = 'clerk'): Promise<Response> {
  return await root.officer(by).post(`/v1/desk/applications/${id}/take`, {})
}

export const MISSING = {
  reason: 'the certificate is missing',
  items: [{ about: 'evidence', note: 'the certificate of registration, certified' }],
}

export async function giveBack(
  root: TestRoot,
  id: string,
  body: object = MISSING,
  by: TestOfficerName = 'clerk',
): Promise<Response> {
  return await root.officer(by).post(`/v1/desk/applications/${id}/return`, body)
}

/** Completes with the whole application again; `revision` is the one it replaces. */
export async function complete(
  applicant: TestApplicant,
  id: string,
  revision: number,
  options: ApplyOptions = {},
): Promise<Response> {
  return await applicant.send(
    `/v1/provider-applications/${id}/complete`,
    {
      organization: COMPANY_A,
      contact: 'desk@a.example',
      jwks: { keys: [JSON.parse(JSON.stringify(applicant.federation.publicJwk))] },
      revision,
    },
    options,
  )
}

export async function withdraw(
  applicant: TestApplicant,
  id: string,
  options: ApplyOptions = {},
): Promise<Response> {
  return await applicant.send(`/v1/provider-applications/${id}/withdraw`, {}, options)
}

export async function status(
  applicant: TestApplicant,
  id: string,
  options: ApplyOptions = {},
): Promise<Response> {
  return await applicant.send(`/v1/provider-applications/${id}/status`, {}, options)
}

/** The state that anybody sees. */
export async function stateOf(root: TestRoot, id: string): Promise<unknown> {
  return (await readJson(await root.get(`/v1/provider-applications/${id}`)))['state']
}

/** Status and problem code of an answer. */
export async function answerOf(response: Response): Promise<[number, unknown]> {
  const body = await readJson(response)
  return [response.status, body['code'] ?? body['state']]
}
