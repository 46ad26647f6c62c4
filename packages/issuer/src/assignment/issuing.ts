import type { RootPrefix } from '@arc3088/codec'
import type { Signer } from '@arc3088/records'
import type { Ambient } from '@arc3088/service'

import type { CodeKey } from './code-key.ts'
import type { LogNamer } from '../log/log-name.ts'
import type { NumberingPlan } from '../numbering/numbering-plan.ts'

/** What a node issues with. */
export interface Issuing {
  readonly ambient: Ambient
  /** The node's own entity identifier: `iss` of its records. */
  readonly entityId: string
  readonly prefix: RootPrefix
  /** The numbering plan in force. */
  plan(): NumberingPlan
  readonly logNames: LogNamer
  /** Throws `node-read-only` while the node must not write (after a restore, say). */
  demandWritable(): void
  /** Resolves when the codes stand in the journal off the database. */
  journalChosen(keys: readonly CodeKey[]): Promise<void>
  /** The issuing key that signs now; it changes while the node runs. */
  signer(): Signer
  /** The address of a status list of this node. */
  statusListUri(list: number): string
}
