import type { RootPrefix } from '@arc3088/codec'
import type { Signer } from '@arc3088/records'
import type { Ambient } from '@arc3088/service'

import type { NumberingPlan } from '../numbering/numbering-plan.ts'

/** What a node issues with. */
export interface Issuing {
  readonly ambient: Ambient
  /** The node's own entity identifier: `iss` of its records. */
  readonly entityId: string
  readonly prefix: RootPrefix
  readonly plan: NumberingPlan
  readonly signer: Signer
  /** The address of a status list of this node. */
  statusListUri(list: number): string
}
