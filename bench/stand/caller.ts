import { v7 } from 'uuid'

/** Somebody who speaks to a node over its public API, with a token or without. */
export interface Caller {
  /** Posts JSON under an Idempotency-Key of its own. @throws Error for any answer but a 2xx. */
  post(path: string, body: unknown): Promise<Readonly<Record<string, unknown>>>
}

/** A caller of one node. */
export function callerOf(url: string, token?: string): Caller {
  return {
    async post(path, body) {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': v7(),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      })
      return await readObject(response)
    },
  }
}

/** The members of a JSON answer. @throws Error for any answer but a 2xx. */
export async function readObject(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`)
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null)
    throw new Error(`${response.url} answered no object: ${text}`)
  return { ...value }
}

/** A member that has to be text. */
export function textOf(answer: Readonly<Record<string, unknown>>, member: string): string {
  const value = answer[member]
  if (typeof value !== 'string') throw new Error(`${member} is not in ${JSON.stringify(answer)}`)
  return value
}
