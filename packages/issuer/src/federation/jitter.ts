import type { Ambient } from '@arc3088/service'

/** A number from 0 to below 1, by chance: spreads what would otherwise happen at once. */
export function jitterOf({ randomBytes }: Pick<Ambient, 'randomBytes'>): () => number {
  return () => (randomBytes(1)[0] ?? 0) / 256
}
