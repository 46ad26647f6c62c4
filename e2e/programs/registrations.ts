import { setTimeout as sleep } from 'node:timers/promises'

import { ONTOLOGY } from './federation.ts'

/** Whom to ask, and as whom. */
export interface Desk {
  readonly url: string
  readonly token: string
}

const RETRY_MS = 20
/** Longer than a node is dead for. */
const PATIENCE_MS = 60_000

/** The answer to a registration: its bytes, which are the same for every retry, and what they say. */
export interface Registered {
  readonly text: string
  readonly code: string
  readonly record: string
}

/**
 * Registers an instance under a key. Asks until the node answers: it may be dead for a while. Anything but 201 and 503
 * is wrong.
 */
export async function register(desk: Desk, key: string, wish: { serial?: string } = {}): Promise<Registered> {
  const text = await persist(desk, `/v1/ontologies/${ONTOLOGY}/instances`, {
    expected: 201,
    headers: { 'idempotency-key': key },
    body: wish,
  })
  return { text, ...(JSON.parse(text) as { code: string; record: string }) }
}

/** Locks or unlocks a code, however often the node dies meanwhile: the same act again changes nothing. */
export async function changeLife(desk: Desk, code: string, act: 'lock' | 'unlock'): Promise<void> {
  await persist(desk, `/v1/codes/${code}/${act}`, {
    expected: 200,
    headers: {},
    body: { reason: 'under fire' },
  })
}

async function persist(
  { url, token }: Desk,
  path: string,
  request: { expected: number; headers: Record<string, string>; body: object },
): Promise<string> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...request.headers },
      body: JSON.stringify(request.body),
    }).catch(() => undefined)
    const text = await response?.text().catch(() => undefined)
    if (response?.status === request.expected && text !== undefined) return text
    if (response !== undefined && text !== undefined && response.status !== 503) {
      throw new Error(`${path}: ${response.status} ${text}`)
    }
    if (performance.now() > deadline) throw new Error(`${path}: no answer for ${PATIENCE_MS} ms`)
    await sleep(RETRY_MS)
  }
}
