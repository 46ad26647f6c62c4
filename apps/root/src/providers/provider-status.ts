import { STATUS, type StatusPlace, type StatusValue } from '@arc3088/records'

import type { ProviderLife, ProviderState } from './provider-life.ts'

const STATUS_OF: Record<ProviderState, StatusValue> = {
  active: STATUS.valid,
  suspended: STATUS.suspended,
  retired: STATUS.retired,
}

/** What a status list says of a provider in this state. */
export function statusOfState(state: ProviderState): StatusValue {
  return STATUS_OF[state]
}

/** What the root's status lists say of a provider: of its record, of the statement about it, of statements withdrawn. */
export function statusEntriesOf(life: ProviderLife): (StatusPlace & { readonly status: StatusValue })[] {
  const status = STATUS_OF[life.state]
  return [
    { ...life.record.status, status },
    { ...life.statementPlace, status },
    ...life.withdrawnPlaces.map((place) => ({ ...place, status: STATUS.revoked })),
  ]
}
