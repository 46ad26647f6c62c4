import { readStatusListToken } from '@arc3088/records'

/**
 * Leaves one token a list, the last of each: two tokens for one list spoil a bundle, and a list that is signed
 * again between two questions yields two.
 */
export function oneTokenAList(tokens: readonly string[]): string[] {
  return [...new Map(tokens.map((token) => [listOf(token), token])).values()]
}

function listOf(token: string): string {
  const read = readStatusListToken(token)
  if (read.kind === 'rejected') throw new Error(`A status list token is not one: ${read.detail}`)
  return read.claims.sub
}
