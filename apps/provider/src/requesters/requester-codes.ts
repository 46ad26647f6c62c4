/** Numbers kept in memory; past it the oldest is forgotten and read again when it is needed. */
const CODES_KEPT_MAX = 100_000

/** Finds the number of a requester, or undefined while it has none. */
export type RequesterCodeOf = (id: string) => Promise<number | undefined>

/**
 * Remembers the numbers of requesters. A number never changes once it is assigned, so what was read may be kept
 * for ever; that a requester has none yet is never kept. Spares the hot path one query a registration.
 */
export function rememberRequesterCodes(read: RequesterCodeOf): RequesterCodeOf {
  const known = new Map<string, number>()
  return async (id) => {
    const kept = known.get(id)
    if (kept !== undefined) return kept
    const code = await read(id)
    if (code === undefined) return undefined
    const [oldest] = known.size >= CODES_KEPT_MAX ? known.keys() : []
    if (oldest !== undefined) known.delete(oldest)
    known.set(id, code)
    return code
  }
}
