import { decodeBase64url, encodeBase64url } from './base64url.ts'

/** Entries of every list (W7). */
export const STATUS_LIST_SIZE = 2 ** 17
/** Bits of an entry (W7). */
export const STATUS_BITS = 4

const ENTRIES_PER_BYTE = 8 / STATUS_BITS
const ENTRY_MASK = 2 ** STATUS_BITS - 1

/** Bytes of an inflated list. */
export const STATUS_LIST_BYTES = STATUS_LIST_SIZE / ENTRIES_PER_BYTE

/** What an entry can say (W7); other numbers are reserved. */
export const STATUS = {
  valid: 0,
  revoked: 1,
  suspended: 2,
  recalled: 3,
  retired: 12,
  superseded: 13,
} as const
export type StatusName = keyof typeof STATUS
export type StatusValue = (typeof STATUS)[StatusName]

const NAMES: ReadonlyMap<number, StatusName> = new Map([
  [STATUS.valid, 'valid'],
  [STATUS.revoked, 'revoked'],
  [STATUS.suspended, 'suspended'],
  [STATUS.recalled, 'recalled'],
  [STATUS.retired, 'retired'],
  [STATUS.superseded, 'superseded'],
])

/** The name of a status, or `undefined` for a reserved number. */
export function statusName(value: number): StatusName | undefined {
  return NAMES.get(value)
}

async function gather(stream: ReadableStream<Uint8Array>, bytesMax: number): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(bytesMax)
  let length = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return bytes.subarray(0, length)
    if (length + value.length > bytesMax) {
      // A small token can inflate to gigabytes; what is past the bound is never made.
      await reader.cancel()
      return undefined
    }
    bytes.set(value, length)
    length += value.length
  }
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes]).stream()
}

/**
 * Writes an entry of an inflated list: packed from the low bits up (Token Status List §4.1).
 *
 * @throws RangeError for an index outside the list or a value that is no status.
 */
export function setEntry(list: Uint8Array, idx: number, value: StatusValue): void {
  const size = list.length * ENTRIES_PER_BYTE
  if (!Number.isInteger(idx) || idx < 0 || idx >= size)
    throw new RangeError(`no entry ${idx} in a list of ${size}`)
  if (!NAMES.has(value)) throw new RangeError(`${value} is not a status`)
  const byte = Math.floor(idx / ENTRIES_PER_BYTE)
  const shift = (idx % ENTRIES_PER_BYTE) * STATUS_BITS
  list[byte] = ((list[byte] ?? 0) & ~(ENTRY_MASK << shift)) | (value << shift)
}

/**
 * `lst` of a status list given by its entries: zlib-deflated, base64url. Entries not given are 0, valid; of two for one index the later counts.
 *
 * @throws RangeError as {@link setEntry} does.
 */
export async function packStatusList(
  entries: Iterable<readonly [idx: number, value: StatusValue]>,
  size: number = STATUS_LIST_SIZE,
): Promise<string> {
  const list = new Uint8Array(Math.ceil(size / ENTRIES_PER_BYTE))
  for (const [idx, value] of entries) setEntry(list, idx, value)
  const deflated = await new Response(
    streamOf(list).pipeThrough(new CompressionStream('deflate')),
  ).arrayBuffer()
  return encodeBase64url(new Uint8Array(deflated))
}

export type Unpacking =
  | { readonly kind: 'list'; readonly bytes: Uint8Array }
  | { readonly kind: 'refused'; readonly why: string }

/** Inflates `lst`, never past {@link STATUS_LIST_BYTES}, and refuses any other size. */
export async function unpackStatusList(lst: string): Promise<Unpacking> {
  const deflated = decodeBase64url(lst)
  if (deflated === undefined) return { kind: 'refused', why: 'lst is not canonical base64url' }
  let bytes: Uint8Array | undefined
  try {
    bytes = await gather(
      streamOf(deflated).pipeThrough(new DecompressionStream('deflate')),
      STATUS_LIST_BYTES,
    )
  } catch (error) {
    if (error instanceof TypeError) return { kind: 'refused', why: 'lst is not a zlib stream' }
    throw error
  }
  if (bytes === undefined) return { kind: 'refused', why: `lst inflates past ${STATUS_LIST_BYTES} bytes` }
  if (bytes.length !== STATUS_LIST_BYTES)
    return { kind: 'refused', why: `lst inflates to ${bytes.length} bytes` }
  return { kind: 'list', bytes }
}

/** The number at an index of an inflated list, or `undefined` outside it. */
export function entryAt(list: Uint8Array, idx: number): number | undefined {
  if (!Number.isInteger(idx) || idx < 0) return undefined
  const byte = list[Math.floor(idx / ENTRIES_PER_BYTE)]
  return byte === undefined ? undefined : (byte >> ((idx % ENTRIES_PER_BYTE) * STATUS_BITS)) & ENTRY_MASK
}
