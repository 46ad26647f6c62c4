import type { Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { KeyDriver, KeyDrivers } from './key-driver.ts'

/** What every act on a node's keys is given. */
export interface KeyParts {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly entityId: string
  readonly drivers: KeyDrivers
  /** The driver that makes new keys. */
  readonly driver: KeyDriver
  /** Who has to endorse a key, besides the node's own log, before it signs: the root, or at the root nobody. */
  readonly endorsedBy: 'root' | 'self'
  /** The kids that the root's newest published key set names as federation keys (W1); at a provider, none is asked for. */
  readonly rootKeySetKids?: ReadonlySet<string>
  /** Is told what is wrong and stops nothing. */
  readonly onFault?: (fault: string) => void
}

/** What of the node's own log the life of its keys depends on. */
export interface KeyLog {
  /** The newest checkpoint signed, and the newest that its witnesses cosigned. */
  head(): Promise<{ readonly size: number; readonly witnessed?: { readonly size: number } | undefined }>
  /** A proof against the newest witnessed checkpoint; undefined while none covers the entry. */
  proofOf(hash: Uint8Array, options: { type: 'endorse' }): Promise<string | undefined>
  /** Keeps the newest witnessed checkpoint for ever; without an instant where nobody witnesses the log. */
  keepCheckpoint(): Promise<{ readonly size: number; readonly witnessedAt: Date | undefined } | undefined>
}

/** Who takes a step, and why. */
export interface KeyActor {
  readonly actor: string
  readonly reason: string | null
}
