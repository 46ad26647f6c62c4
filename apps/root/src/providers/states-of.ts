import { PROVIDER_STATES_MAX, type ProviderAppointment } from '@arc3088/records'

import type { ProviderLife } from './provider-life.ts'

/** Since when a provider was what, by the steps of its life: what a statement says, the newest of them. */
export function statesOf({
  transitions,
  assignedAt,
}: ProviderLife): NonNullable<ProviderAppointment['states']> {
  const changes = transitions
    .map(({ state, at, act }) => ({ state, since: act === 'adopt' ? assignedAt : at }))
    .filter(({ state }, nth) => state !== transitions[nth - 1]?.state)
  return changes.slice(-PROVIDER_STATES_MAX)
}
