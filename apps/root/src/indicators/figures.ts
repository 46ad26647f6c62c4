import type { Figures } from '@arc3088/records'

/** A provider, as far as figures tell of it. */
export interface CountedProvider {
  readonly state: string
  readonly kind: string
  readonly territory: string
  /** NumericDate. */
  readonly assignedAt: number
}

/** Counts the members of each group, in the order of their names. */
export function countBy<Item>(
  items: readonly Item[],
  groupOf: (item: Item) => string,
): Record<string, number> {
  const groups = Map.groupBy(items, groupOf)
  const counts = [...groups].map(([group, members]) => [group, members.length] as const)
  return Object.fromEntries(counts.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The providers in figures: how many of each, and how they grew, month by month of UTC up to now. */
export function providerFigures(providers: readonly CountedProvider[], now: Date): Figures['providers'] {
  return {
    total: providers.length,
    by_state: countBy(providers, ({ state }) => state),
    by_kind: countBy(providers, ({ kind }) => kind),
    by_country: countBy(providers, ({ territory }) => territory),
    growth: growthOf(
      providers.map(({ assignedAt }) => new Date(assignedAt * 1000)),
      now,
    ),
  }
}

function growthOf(instants: readonly Date[], now: Date): Figures['providers']['growth'] {
  if (instants.length === 0) return []
  const assigned = countBy(instants, monthOf)
  const first = instants.reduce((earliest, each) => (each < earliest ? each : earliest))
  let total = 0
  return monthsBetween(first, now).map((month) => {
    const here = assigned[month] ?? 0
    total += here
    return { month, assigned: here, total }
  })
}

const MONTHS_A_YEAR = 12

function monthOf(instant: Date): string {
  return instant.toISOString().slice(0, 7)
}

function monthsBetween(first: Date, last: Date): string[] {
  const begin = first.getUTCFullYear() * MONTHS_A_YEAR + first.getUTCMonth()
  const end = last.getUTCFullYear() * MONTHS_A_YEAR + last.getUTCMonth()
  return Array.from({ length: Math.max(0, end - begin + 1) }, (_, nth) =>
    monthOf(new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + nth))),
  )
}
