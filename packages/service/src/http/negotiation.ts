import { RegistryError } from '@arc3088/problems'
import { parseAccept } from 'hono/utils/accept'

/** Chooses among the media types that a route can give (RFC 9110 section 12.5.1); ours in order where the caller has no wish. */
export function negotiate<Type extends string>(
  accept: string | undefined,
  offered: readonly [Type, ...Type[]],
): Type {
  if (accept === undefined || accept.trim() === '') return offered[0]
  const wished = parseAccept(accept).filter((range) => range.q > 0)
  for (const range of wished.toSorted((a, b) => b.q - a.q)) {
    const match = offered.find((type) => covers(range.type, type))
    if (match !== undefined) return match
  }
  throw new RegistryError('not-acceptable', `This address can give ${offered.join(', ')}`, {
    extra: { offered },
  })
}

function covers(range: string, type: string): boolean {
  if (range === '*/*' || range === type) return true
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1))
}
