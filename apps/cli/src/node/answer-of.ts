import { CannotTell, Refusal } from '../failure.ts'

/** What a typed client answers (openapi-fetch). */
export interface Asked<T> {
  readonly data?: T | undefined
  readonly error?: unknown
  readonly response: Response
}

/**
 * What a node answered. @throws Refusal with the node's problem (RFC 9457), CannotTell when the node failed or nobody
 * of this registry answered.
 */
export async function answerOf<T>(asking: Promise<Asked<T>>): Promise<T> {
  const { data, error, response } = await readable(asking)
  if (response.ok && data !== undefined) return data
  const problem: Readonly<Record<string, unknown>> = typeof error === 'object' ? { ...error } : {}
  const code = problem['code']
  const said = String(problem['detail'] ?? problem['title'])
  const { origin } = new URL(response.url)
  if (typeof code !== 'string') {
    throw new CannotTell(`${origin} answered ${response.status}, and not as a node of this registry does`)
  }
  if (response.status >= 500) throw new CannotTell(`${origin}: ${code}: ${said}`)
  throw new Refusal(code, said, problem)
}

/** As {@link answerOf}, of what answers nothing (204). */
export async function doneOf(asking: Promise<Asked<unknown>>): Promise<void> {
  await answerOf(
    asking.then(({ error, response }) => ({ error, response, ...(response.ok ? { data: true } : {}) })),
  )
}

async function readable<T>(asking: Promise<Asked<T>>): Promise<Asked<T>> {
  try {
    return await asking
  } catch (error) {
    // An answer that says it is well and is no JSON.
    if (error instanceof SyntaxError) throw new CannotTell(`the node answered no JSON: ${error.message}`)
    throw error
  }
}
