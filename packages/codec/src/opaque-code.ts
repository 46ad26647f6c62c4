import { characterFault, extraFault } from './fault.ts'
import { mintOpaque, type OpaqueCode } from './identity-code.ts'
import { type Malformation, malformation } from './malformation.ts'
import { prefixOf, type RootPrefix } from './root-prefix.ts'
import { REQUESTER_END, scan } from './scan.ts'
import { DOT, NOT_A_SYMBOL, valueOf } from './symbol.ts'

/** How many segments a foreign numbering plan may have below the requester. */
export const OPAQUE_SEGMENTS_MAX = 4
/** How many symbols each of them may have. */
export const OPAQUE_WIDTH_MAX = 32

const HEAD_DOTS = 3

/**
 * Reads a code whose custom serial is not of the recommended shape (5.6 a), after the ordinary reader refused it with `refusal`.
 * What is wrong before the custom serial stays wrong.
 */
export function readOpaque(
  text: string,
  prefixes: readonly RootPrefix[],
  refusal: Malformation,
): OpaqueCode | Malformation {
  if (refusal.segment !== 'ontology' && refusal.segment !== 'instance' && refusal.segment !== 'extra')
    return refusal
  const headEnd = endOfHead(text, prefixes)
  if (headEnd === text.length) return malformation('segment-missing', 'serial', headEnd, '5.1')
  const head = scan(text.slice(0, headEnd), prefixes, REQUESTER_END)
  if (head.kind === 'malformed') return head
  const serial: string[] = []
  for (let start = headEnd + 1; start <= text.length;) {
    let end = start
    while (end < text.length && valueOf(text.charCodeAt(end)) !== NOT_A_SYMBOL) end++
    if (end - start > OPAQUE_WIDTH_MAX) {
      return malformation('segment-too-long', 'serial', start + OPAQUE_WIDTH_MAX, '5.6 a')
    }
    if (end < text.length && text.charCodeAt(end) !== DOT) return characterFault(text, 'serial', end)
    if (end === start) return malformation('empty-segment', 'serial', start, '5.1')
    serial.push(text.slice(start, end).toUpperCase())
    if (serial.length === OPAQUE_SEGMENTS_MAX && end < text.length) return extraFault(text, end)
    start = end + 1
  }
  return mintOpaque(`${head.text}.${serial.join('.')}`, head, serial)
}

/** The end of the requester segment: the ordinary reader passed it, so the dots before it are where they must be. */
function endOfHead(text: string, prefixes: readonly RootPrefix[]): number {
  let end = prefixOf(text, prefixes)?.length ?? 0
  for (let dots = 0; dots < HEAD_DOTS; dots++) end = indexOrEnd(text, end + 1)
  return end
}

function indexOrEnd(text: string, from: number): number {
  const dot = text.indexOf('.', from)
  return dot === -1 ? text.length : dot
}
