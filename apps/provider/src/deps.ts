import type { EvidenceAbove, IssuingNode } from '@arc3088/issuer'
import type { CompactJws } from '@arc3088/records'
import type { ClientPolicy } from '@arc3088/service'

import type { AppointmentDoor } from './appointment/appointment.ts'
import type { Assigners } from './assigners.ts'
import type { ProviderTables } from './db/tables.ts'
import type { RequesterCodeOf } from './requesters/requester-codes.ts'

/** What the use cases of a provider are given. */
export interface ProviderDeps {
  readonly node: IssuingNode<ProviderTables>
  /** The entity identifier of the root. */
  readonly rootUrl: string
  readonly organizationName: string
  /** What this provider says of itself, signed now or a little while ago. */
  readonly selfDescription: () => Promise<CompactJws>
  /** What stands above this provider's own records in a bundle (wire-format W6). */
  readonly evidenceAbove: () => Promise<EvidenceAbove>
  /** What the root last said of this provider. */
  readonly appointment: AppointmentDoor
  /** Assigns at each tier; throws `awaiting-assignment` while there is no code. */
  readonly assigners: () => Assigners
  readonly requesterCodeOf: RequesterCodeOf
  /** How often one network address may apply in an hour. */
  readonly applicationsPerHour: number
  /** Whose word about clients is believed, and what one of them may read. */
  readonly clients?: ClientPolicy | undefined
}
