import type { JudgeEntries } from '@arc3088/issuer'
import { numericDate, type Ambient, type Log } from '@arc3088/service'

import type { ProviderLife } from './provider-life.ts'
import { statusEntriesOf, statusOfState } from './provider-status.ts'
import type { ProviderLives } from './provider-lives.ts'

/** A list and the lives are read one after the other: a step of a moment ago may be in one and not yet in the other. */
const SETTLING_SECONDS = 60

interface Proven {
  readonly status: number
  readonly life: ProviderLife
}

/**
 * Holds the root's status lists against the lives of its providers before they are signed: what is signed is what verified
 * acts say, whatever stands in the database; where that says otherwise, the log does.
 */
export function createEntryJudge(parts: {
  lives: Pick<ProviderLives, 'all'>
  ambient: Pick<Ambient, 'now'>
  log: Log
}): JudgeEntries {
  const { lives, ambient, log } = parts
  return async (list, entries) => {
    const proven = new Map<number, Proven>()
    for (const life of await lives.all()) {
      for (const place of statusEntriesOf(life))
        if (place.list === list) proven.set(place.index, { status: place.status, life })
    }
    const now = numericDate(ambient.now())
    const stored = new Map(entries.map(({ index, status }) => [index, status]))
    for (const index of new Set([...stored.keys(), ...proven.keys()])) {
      const said = stored.get(index) ?? 0
      const known = proven.get(index)
      if (said === (known?.status ?? 0) || isSettling(known, said, now)) continue
      log.error(
        { 'status.list': list, 'status.index': index, 'status.stored': said },
        'no decision bears out an entry of a status list: it is not signed',
      )
    }
    return [...proven].map(([index, { status }]) => ({ index, status })).filter(({ status }) => status !== 0)
  }
}

/** True where the provider has just taken a step, and the row says what was true before it. */
function isSettling(known: Proven | undefined, said: number, now: number): boolean {
  if (known === undefined || now - known.life.head.at > SETTLING_SECONDS) return false
  const past = known.life.transitions.slice(0, -1).map(({ state }) => statusOfState(state))
  return said === 0 || past.some((status) => status === said)
}
