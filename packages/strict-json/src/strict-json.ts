/** Deeper nesting than any document of the wire format has; bounds the work of readers that recurse. */
export const JSON_DEPTH_MAX = 32
/** Longest JSON text read: the status token bound of W7, the largest signed document. */
export const JSON_LENGTH_MAX = 1_048_576

export type JsonFault = 'json-too-large' | 'json-too-deep' | 'json-duplicate-member' | 'json-invalid'

/** The text is not JSON, or is JSON that different readers would understand differently. */
export class StrictJsonError extends Error {
  override readonly name = 'StrictJsonError'
  readonly fault: JsonFault

  constructor(fault: JsonFault, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.fault = fault
  }
}

/** One open object or array: member names seen so far, and whether the next string is a member name. */
interface Nest {
  readonly names: Set<string> | undefined
  nameNext: boolean
}

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length) {
    const symbol = text[i]
    if (symbol === '"') return i
    i += symbol === '\\' ? 2 : 1
  }
  throw new StrictJsonError('json-invalid', 'a string does not end')
}

/**
 * U+0000 and half a surrogate pair are text to JavaScript and to no database: PostgreSQL refuses both, and says so with
 * the whole value in its error. Raw control characters are no JSON, so only escapes and halves have to be looked for.
 */
function refuseUnstorableText(token: string): void {
  if (token.isWellFormed() && !token.includes('\\u')) return
  const value = parse(token)
  if (typeof value === 'string' && value.isWellFormed() && !value.includes('\0')) return
  throw new StrictJsonError('json-invalid', 'a string holds U+0000 or half a surrogate pair')
}

function decodeName(token: string): string {
  const name: unknown = parse(token)
  if (typeof name !== 'string') throw new StrictJsonError('json-invalid', 'a member name is not a string')
  // Assignment to this name changes an object's prototype in careless readers; no document of ours needs it.
  if (name === '__proto__') throw new StrictJsonError('json-invalid', 'the member name __proto__ is refused')
  return name
}

/** Sees every member name of every object once; two spellings of one name (escapes) are one name. */
function refuseRepeatedNames(text: string, depthMax: number): void {
  const nests: Nest[] = []
  let nest: Nest | undefined
  for (let i = 0; i < text.length; i += 1) {
    switch (text[i]) {
      case '"': {
        const end = endOfString(text, i)
        refuseUnstorableText(text.slice(i, end + 1))
        if (nest?.names !== undefined && nest.nameNext) {
          const name = decodeName(text.slice(i, end + 1))
          if (nest.names.has(name)) {
            throw new StrictJsonError(
              'json-duplicate-member',
              `the member ${JSON.stringify(name)} stands twice`,
            )
          }
          nest.names.add(name)
          nest.nameNext = false
        }
        i = end
        break
      }
      case '{':
      case '[':
        if (nests.length === depthMax)
          throw new StrictJsonError('json-too-deep', `nested deeper than ${depthMax}`)
        nest = text[i] === '{' ? { names: new Set(), nameNext: true } : { names: undefined, nameNext: false }
        nests.push(nest)
        break
      case '}':
      case ']':
        nests.pop()
        nest = nests.at(-1)
        break
      case ',':
        if (nest !== undefined) nest.nameNext = true
        break
      default:
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new StrictJsonError('json-invalid', 'the text is not JSON', { cause })
  }
}

/**
 * Parses JSON that has one meaning only (RFC 8259 §4 leaves repeated names open; RFC 7515 §4 forbids them).
 *
 * @throws StrictJsonError for a repeated member name at any depth, nesting over `depthMax`, text over `lengthMax`
 * UTF-16 units, U+0000 or half a surrogate pair in a string, or text that is not JSON.
 */
export function parseStrictJson(
  text: string,
  { depthMax = JSON_DEPTH_MAX, lengthMax = JSON_LENGTH_MAX }: { depthMax?: number; lengthMax?: number } = {},
): unknown {
  if (text.length > lengthMax) throw new StrictJsonError('json-too-large', `longer than ${lengthMax}`)
  refuseRepeatedNames(text, depthMax)
  return parse(text)
}
