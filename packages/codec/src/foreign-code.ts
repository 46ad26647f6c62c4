import { readSubject } from './read-code.ts'
import { readRootPrefix } from './root-prefix.ts'

const ARCS_MAX = 16

/**
 * Whether a text is a well-formed code or code prefix under *some* root prefix (annex B c), known or not. It tells a
 * code of another root from what is no code at all, where `prefix-unknown` alone does not.
 */
export function isCodeUnderAnyRoot(text: string): boolean {
  const arcs = text.split('.', ARCS_MAX)
  for (let length = 2; length < arcs.length; length += 1) {
    const prefix = readRootPrefix(arcs.slice(0, length).join('.'))
    if (typeof prefix === 'string' && readSubject(text, { prefixes: [prefix] }).kind !== 'malformed')
      return true
  }
  return false
}
