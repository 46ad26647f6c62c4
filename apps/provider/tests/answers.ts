/** An answer with its body read: a JSON object, or text. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The members of a JSON object; empty for anything else. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Reads an answer whole. */
export async function readJson(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
  const value: unknown = isJson ? JSON.parse(text) : undefined
  const body = typeof value === 'object' && value !== null ? { ...value } : {}
  return { status: response.status, headers: response.headers, text, body }
}

/** A text member of an answer that must have it. */
export function textOf(answer: Answer, member: string): string {
  const value = answer.body[member]
  if (typeof value !== 'string') throw new Error(`no ${member} in ${answer.status} ${answer.text}`)
  return value
}
