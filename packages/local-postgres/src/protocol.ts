import type { LocalPostgresFailure } from './local-postgres-error.ts'

/** What the guardian is asked to run; sent once, first. */
export interface ServerPlan {
  /** Holds `data/`, `password`, `cluster-id`, `guardian.json` and the logs. */
  readonly folder: string
  /** Removed when the server has stopped. */
  readonly ephemeral: boolean
  /** Unset: any free port. */
  readonly port: number | undefined
  /** False: fsync, synchronous_commit and full_page_writes off. A crash of the machine loses the data. */
  readonly durable: boolean
  readonly settings: Readonly<Record<string, string>>
  readonly ownerPid: number
}

export type ToGuardian = { readonly kind: 'start'; readonly plan: ServerPlan } | { readonly kind: 'stop' }

export type FromGuardian =
  | { readonly kind: 'ready'; readonly pid: number; readonly port: number; readonly password: string }
  | { readonly kind: 'failed'; readonly failure: LocalPostgresFailure; readonly message: string }

/** The one name that the packaged server's superuser has. */
export const SUPERUSER = 'postgres'
