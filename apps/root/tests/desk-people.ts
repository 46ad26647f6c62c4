import { signSessionProof, type SessionProof, type Signer } from '@arc3088/records'

import type { TestRoot } from './start-test-root.ts'
import { readJson } from './test-applicant.ts'

/** What a refusal is called, with its status. */
export async function refusal(response: Response): Promise<[number, unknown]> {
  return [response.status, (await readJson(response))['code']]
}

/** Asks a root as the bearer of a token. */
export async function ask(
  root: Pick<TestRoot, 'url'>,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  return await fetch(`${root.url}${path}`, {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** A challenge of the node. */
export async function challengeOf(root: Pick<TestRoot, 'url'>): Promise<{ nonce: string; aud: string }> {
  const { nonce, aud } = await readJson(await ask(root, '', 'POST', '/v1/desk/sessions/challenges'))
  return { nonce: String(nonce), aud: String(aud) }
}

/** Answers a challenge with a key; `change` is what is wrong with the answer. */
export async function sendProof(
  root: Pick<TestRoot, 'url'>,
  signer: Signer,
  change: Partial<SessionProof> = {},
): Promise<Response> {
  const iat = change.iat ?? Math.floor(Date.now() / 1000)
  const challenge = await challengeOf(root)
  const proof = await signSessionProof(signer, { ...challenge, iat, exp: iat + 60, ...change })
  return await ask(root, '', 'POST', '/v1/desk/sessions', { proof })
}

/** Begins a session, and answers its token. */
export async function sessionOf(root: Pick<TestRoot, 'url'>, signer: Signer): Promise<string> {
  const response = await sendProof(root, signer)
  if (response.status !== 201) throw new Error(await response.text())
  return String((await readJson(response))['token'])
}

/** When a token that is made now shall end: in some days. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString()
}

/** Makes a token, and answers what was answered. */
export async function makeToken(
  root: Pick<TestRoot, 'url'>,
  by: string,
  wanted: { label: string; scopes?: readonly string[] | null; expires_at?: string },
): Promise<{ response: Response; body: Record<string, unknown>; token: string; id: string }> {
  const body = { scopes: null, expires_at: inDays(30), ...wanted }
  const response = await ask(root, by, 'POST', '/v1/desk/tokens', body)
  const answer = await readJson(response)
  return { response, body: answer, token: String(answer['token']), id: String(answer['id']) }
}

/** What several requests at once were answered, in order of number. */
export function statuses(answers: readonly { readonly status: number }[]): number[] {
  return answers.map(({ status }) => status).toSorted((a, b) => a - b)
}
