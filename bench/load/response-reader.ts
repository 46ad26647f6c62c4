/** What a load generator wants to know of an HTTP/1.1 response. */
export interface ReadResponse {
  readonly status: number
  /** The head and as much of the body as came with it: where to look for what a body says first. */
  readonly start: string
}

/** Reads one response after another from one connection that has one request in flight. */
export interface ResponseReader {
  /**
   * Takes what came; answers when a response is whole. The bytes may be overwritten afterwards.
   *
   * @throws Error for what is no response of which the end can be known, and for bytes after it.
   */
  push(bytes: Buffer): ReadResponse | undefined
}

const HEAD_END = '\r\n\r\n'
const CHUNKS_END = '0\r\n\r\n'
const STATUS_AT = 'HTTP/1.1 '.length
const LENGTH = /\r\ncontent-length: *(\d+)/i
const CHUNKED = /\r\ntransfer-encoding: *chunked/i
const NO_BODY = new Set([204, 304])
const HEAD_BYTES_MAX = 8192
/** Of a body: enough for its first members, and for what a problem says. */
const BODY_START_BYTES = 512

/** As much of HTTP/1.1 (RFC 9112) as the servers that are measured here speak. */
export function createResponseReader(): ResponseReader {
  let head = ''
  let start = ''
  let status = 0
  /** Bytes of the body that are still to come; undefined while the head is not whole; NaN for a chunked body. */
  let missing: number | undefined
  let tail = ''

  /** Answers where the body begins in these bytes. */
  function readHead(bytes: Buffer): number {
    const before = head.length
    // All of it is nearly always there; only then need nothing be put together.
    const whole = before === 0 ? bytes.indexOf(HEAD_END) : -1
    const length = whole < 0 ? bytes.length : Math.min(bytes.length, whole + BODY_START_BYTES)
    head += bytes.toString('latin1', 0, length)
    const end = whole < 0 ? head.indexOf(HEAD_END) : whole
    if (end < 0) {
      if (head.length > HEAD_BYTES_MAX) throw new Error('the head has no end')
      return bytes.length
    }
    start = head
    const fields = head.slice(0, end)
    head = ''
    status = Number(fields.slice(STATUS_AT, STATUS_AT + 3))
    if (!fields.startsWith('HTTP/1.1 ') || !(status >= 200)) throw new Error(`no response: ${fields}`)
    missing = bodyLength(fields)
    return end + HEAD_END.length - before
  }

  return {
    push(bytes) {
      const from = missing === undefined ? readHead(bytes) : 0
      if (missing === undefined) return undefined
      if (Number.isNaN(missing)) {
        tail = (tail + bytes.toString('latin1', Math.max(from, bytes.length - CHUNKS_END.length))).slice(
          -CHUNKS_END.length,
        )
        if (tail !== CHUNKS_END) return undefined
      } else {
        missing -= bytes.length - from
        if (missing > 0) return undefined
        if (missing < 0) throw new Error('more came than was asked for')
      }
      missing = undefined
      tail = ''
      return { status, start }
    },
  }
}

/** NaN for a body in chunks. */
function bodyLength(fields: string): number {
  const [, length] = LENGTH.exec(fields) ?? []
  if (length !== undefined) return Number(length)
  if (NO_BODY.has(Number(fields.slice(STATUS_AT, STATUS_AT + 3)))) return 0
  if (CHUNKED.test(fields)) return Number.NaN
  throw new Error(`a response without a length: ${fields}`)
}
