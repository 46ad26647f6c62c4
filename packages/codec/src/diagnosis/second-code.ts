import { prefixOf, type RootPrefix } from '../root-prefix.ts'
import { clean } from './cleaning.ts'

/** What people and programs put between the entries of a list: white space, invisible characters, commas, semicolons, bars. */
const LIST_PART = /[^\s\u200B-\u200F\u2060\u00AD,;|\u3001\uFF0C\uFF1B\uFF5C\uFF64]+/g
/** Quotes and brackets around an entry. */
const OPENING = /^[^\p{L}\p{N}]+/u
/** The shapes without dots: 32 symbols, 28 digits. */
const UNDOTTED = /^(?:[0-9A-Z]{32}|\d{28})$/i
/** A code below a prefix that is not known: at least two arcs and five segments. No tail of a code has as many. */
const BELOW_ANY_PREFIX = /^[0-2]\.\d+(?:\.[0-9A-Z]+){5}/i

/** Where, in the input, a second part begins as a code; `undefined` when at most one does. */
export function secondCodeAt(input: string, prefixes: readonly RootPrefix[]): number | undefined {
  let codes = 0
  for (const { 0: part, index } of input.matchAll(LIST_PART)) {
    const opening = OPENING.exec(part)?.[0] ?? ''
    // A part that starts with a dot goes on with what stood before it.
    if (clean(opening).text.includes('.') || !beginsAsCode(part.slice(opening.length), prefixes)) continue
    codes += 1
    if (codes === 2) return index + opening.length
  }
  return undefined
}

function beginsAsCode(part: string, prefixes: readonly RootPrefix[]): boolean {
  const { text } = clean(part)
  return prefixOf(text, prefixes) !== undefined || UNDOTTED.test(text) || BELOW_ANY_PREFIX.test(text)
}
