import { setTimeout as sleep } from 'node:timers/promises'

import { SandboxError } from '../sandbox-error.ts'
import type { JsonObject } from './arc3088.ts'

const SECONDS_MAX = 30
const READY_SECONDS_MAX = 120
const POLL_MS = 30

/** Reads a JSON object of a node. Only looks: whatever changes anything goes through the command line. */
export async function readNode(url: string, token?: string): Promise<{ status: number; body: JsonObject }> {
  const headers = {
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(SECONDS_MAX * 1000) })
  const value: unknown = await response.json()
  return { status: response.status, body: typeof value === 'object' && value !== null ? { ...value } : {} }
}

/** Whether the node has assigned the code; the answer that it has not is signed, and no JSON. */
export async function isAssigned(node: string, code: string): Promise<boolean> {
  const response = await fetch(`${node}/v1/codes/${code}`, {
    signal: AbortSignal.timeout(SECONDS_MAX * 1000),
  })
  await response.body?.cancel()
  if (response.status !== 200 && response.status !== 404) {
    throw new SandboxError(`${node} answered ${response.status} about ${code}`)
  }
  return response.status === 200
}

/** The items of a list, all pages of it. `cursor` is what the node calls the parameter that takes `next`. */
export async function readItems(url: string, cursor: string, token?: string): Promise<JsonObject[]> {
  const items: JsonObject[] = []
  let next: unknown
  do {
    const page = new URL(url)
    if (typeof next === 'string') page.searchParams.set(cursor, next)
    const { status, body } = await readNode(page.href, token)
    if (status !== 200)
      throw new SandboxError(`${url} answered ${status}: ${String(body['detail'] ?? body['title'])}`)
    items.push(...(Array.isArray(body['items']) ? (body['items'] as JsonObject[]) : []))
    next = body['next']
  } while (typeof next === 'string')
  return items
}

/** Waits until an address answers 200. @throws SandboxError with what it said last. */
export async function waitUntilOk(url: string, secondsMax = READY_SECONDS_MAX): Promise<void> {
  const deadline = performance.now() + secondsMax * 1000
  for (;;) {
    const last = await ask(url)
    if (last === undefined) return
    if (performance.now() > deadline)
      throw new SandboxError(`${url} is not ready after ${secondsMax} s: ${last}`)
    await sleep(POLL_MS)
  }
}

/** Undefined when all is well, else what is not. */
async function ask(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(SECONDS_MAX * 1000) })
    const text = await response.text()
    return response.status === 200 ? undefined : text
  } catch (error) {
    // Not listening yet.
    return error instanceof Error ? error.message : String(error)
  }
}
