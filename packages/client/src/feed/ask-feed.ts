import { FeedFault, FeedTrouble } from './feed-fault.ts'

/** How the node of a feed is asked. */
export interface FeedAccess {
  readonly baseUrl: string
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal | undefined
}

const PROBLEM_BYTES_MAX = 64 * 1024

/**
 * A good answer to a question of a feed, its body unread; `gone` where the node says that the changes are too old for
 * it. @throws FeedTrouble for what may pass, FeedFault for what will not.
 */
export async function askFeed(
  { baseUrl, fetch, signal }: FeedAccess,
  path: string,
  { mediaType, secondsMax }: { mediaType: string; secondsMax: number },
): Promise<Response | 'gone'> {
  const timeout = AbortSignal.timeout(secondsMax * 1000)
  const response = await fetch(`${baseUrl}${path}`, {
    headers: { accept: mediaType },
    redirect: 'error',
    credentials: 'omit',
    cache: 'no-store',
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  }).catch((cause: unknown) => {
    throw new FeedTrouble(`${baseUrl} could not be reached`, { cause })
  })
  if (response.status === 200) {
    if (mediaTypeOf(response) === mediaType) return response
    await response.body?.cancel()
    throw new FeedTrouble(`${baseUrl}${path} answered ${mediaTypeOf(response)}, not ${mediaType}`)
  }
  const code = await problemCode(response)
  const said = `${baseUrl}${path} answered ${response.status} ${code ?? ''}`.trimEnd()
  if (code === 'feed-gone') return 'gone'
  if (code === 'feed-ahead') throw new FeedFault('feed-ahead', said)
  const isFinal =
    response.status >= 400 && response.status < 500 && ![408, 425, 429].includes(response.status)
  if (isFinal && code !== undefined) throw new FeedFault('refused', said)
  const seconds = Number(response.headers.get('retry-after') ?? 'NaN')
  throw new FeedTrouble(said, Number.isFinite(seconds) && seconds >= 0 ? { retryAfterSeconds: seconds } : {})
}

function mediaTypeOf(response: Response): string {
  return (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** The code of a problem (RFC 9457) of this registry; undefined where somebody else answered. */
async function problemCode(response: Response): Promise<string | undefined> {
  const length = Number(response.headers.get('content-length') ?? '0')
  if (mediaTypeOf(response) !== 'application/problem+json' || length > PROBLEM_BYTES_MAX) {
    await response.body?.cancel()
    return undefined
  }
  try {
    const text = await readProblem(response)
    if (text === undefined) return undefined
    const problem: unknown = JSON.parse(text)
    const hasCode = typeof problem === 'object' && problem !== null && 'code' in problem
    return hasCode && typeof problem.code === 'string' ? problem.code : undefined
  } catch (cause) {
    throw new FeedTrouble('a refusal did not arrive whole', { cause })
  }
}

/** The body, or undefined where it is longer than a problem is: `content-length` need not say so. */
async function readProblem(response: Response): Promise<string | undefined> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.length
    if (length > PROBLEM_BYTES_MAX) {
      await reader.cancel()
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}
