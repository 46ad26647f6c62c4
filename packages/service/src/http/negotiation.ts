import { RegistryError } from '@arc3088/problems'
import { parseAccept } from 'hono/utils/accept'

/**
 * Chooses among the media types that a route can give (RFC 9110 section 12.5.1). The most specific range that covers
 * a type decides its weight; among equal weights the type that was named wins, then our own order.
 *
 * @throws RegistryError `not-acceptable` when nothing that is offered has a weight above 0.
 */
export function negotiate<Type extends string>(
  accept: string | undefined,
  offered: readonly [Type, ...Type[]],
): Type {
  if (accept === undefined || accept.trim() === '') return offered[0]
  const ranges = parseAccept(accept).map(({ type, q }) => ({ type: type.toLowerCase(), q }))
  const [best] = offered
    .map((type) => ({ type, ...weigh(type, ranges) }))
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q || b.specificity - a.specificity)
  if (best !== undefined) return best.type
  throw new RegistryError('not-acceptable', `This address can give ${offered.join(', ')}`, {
    extra: { offered },
  })
}

function weigh(
  type: string,
  ranges: readonly { type: string; q: number }[],
): { q: number; specificity: number } {
  const spellings = [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*']
  for (const [place, spelling] of spellings.entries()) {
    const range = ranges.find((candidate) => candidate.type === spelling)
    if (range !== undefined) return { q: range.q, specificity: spellings.length - place }
  }
  return { q: 0, specificity: 0 }
}
