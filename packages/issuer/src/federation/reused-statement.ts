/**
 * Signs a statement when asked, and again only after a while: a thousand verifiers that ask at once get one
 * signature. A failure is not kept.
 */
export function reuseStatement<Statement>(
  now: () => Date,
  reuseSeconds: number,
  sign: () => Promise<Statement>,
): () => Promise<Statement> {
  let kept: { statement: Promise<Statement>; until: number } | undefined
  return async () => {
    const at = now().getTime()
    if (kept !== undefined && at < kept.until) return await kept.statement
    const statement = sign()
    const mine = { statement, until: at + reuseSeconds * 1000 }
    kept = mine
    statement.catch(() => {
      if (kept === mine) kept = undefined
    })
    return await statement
  }
}
