import { RegistryError } from '@arc3088/problems'

/** What to fetch, and how much of it at most. */
export interface DocumentRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Bytes after which the answer is refused. */
  readonly bytesMax: number
}

/** An answer of a node, whole and bounded. Header names are lower-case; the media type has no parameters. */
export interface FetchedDocument {
  readonly status: number
  readonly mediaType: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * A bounded GET that follows no redirects. Where nobody can be reached it throws a RegistryError `upstream-unreachable`,
 * `upstream-timeout` or `address-refused`. The outbound door of a service is one.
 */
export type FetchDocument = (request: DocumentRequest) => Promise<FetchedDocument>

const FETCH_SECONDS_MAX = 5

/**
 * {@link FetchDocument} over the `fetch` of a browser or a command line: no redirects, no credentials, bounded in size
 * and time. A service uses its outbound door instead, which also judges resolved addresses.
 */
export function fetchDocumentOver(
  fetch: typeof globalThis.fetch,
  { secondsMax = FETCH_SECONDS_MAX }: { secondsMax?: number } = {},
): FetchDocument {
  return async ({ url, headers, bytesMax }) => {
    const { origin } = new URL(url)
    try {
      const response = await fetch(url, {
        headers: { ...headers },
        redirect: 'error',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        // The client keeps what it may, by what the signed documents say; a second cache below it would only age them.
        cache: 'no-store',
        signal: AbortSignal.timeout(secondsMax * 1000),
      })
      const body = await readBounded(response, bytesMax, origin)
      return {
        status: response.status,
        mediaType: (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
        headers: Object.fromEntries(response.headers),
        body,
      }
    } catch (error) {
      throw asRefusal(error, origin)
    }
  }
}

async function readBounded(response: Response, bytesMax: number, origin: string): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let text = ''
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.length
    if (length > bytesMax) {
      await reader.cancel()
      throw new RegistryError('upstream-unreachable', `${origin} answered more than ${bytesMax} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}

function asRefusal(error: unknown, origin: string): RegistryError {
  if (error instanceof RegistryError) return error
  const isTimeout = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
  return isTimeout
    ? new RegistryError('upstream-timeout', `${origin} did not answer in time`, { cause: error })
    : new RegistryError('upstream-unreachable', `${origin} could not be reached`, { cause: error })
}
