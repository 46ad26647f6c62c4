/** Whose rows are forged. */
export interface ForgedSubjects {
  /** The login of the root's own role at its database. */
  readonly database: string
  readonly root: string
  readonly overseas: string
  readonly provider: { readonly code: string; readonly url: string }
  readonly agreement: { readonly id: string; readonly hash: string }
  /** A real proposal, which one officer has signed and nobody approved. */
  readonly pending: { readonly id: string; readonly payload: string }
}

/** A row to write, with what it is called. */
export type Row = readonly [name: string, statement: string, values?: readonly unknown[]]
