import type { Ambient } from '@arc3088/service'

/**
 * Signs a statement when asked, and again only after a while: a thousand verifiers that ask at once get one
 * signature. A failure is not kept.
 */
export function reuseStatement<Statement>(
  ambient: Ambient,
  reuseSeconds: number,
  sign: () => Promise<Statement>,
): () => Promise<Statement> {
  let kept: { statement: Promise<Statement>; until: number } | undefined
  return async () => {
    const now = ambient.now().getTime()
    if (kept !== undefined && now < kept.until) return await kept.statement
    const statement = sign()
    const mine = { statement, until: now + reuseSeconds * 1000 }
    kept = mine
    statement.catch(() => {
      if (kept === mine) kept = undefined
    })
    return await statement
  }
}
