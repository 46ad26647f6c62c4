/** One act: who did what to which object, why, and what it was about. Append-only. */
export interface AuditEntry {
  readonly id: string
  readonly at: Date
  readonly actor: string
  readonly act: string
  readonly object: string
  readonly reason: string | null
  readonly detail: Readonly<Record<string, unknown>>
}
