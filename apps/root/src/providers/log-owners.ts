import type { OwnLog } from '@arc3088/records'

import type { ProviderLives } from './provider-lives.ts'

/** The active providers that have a log, lowest codes first: they witness the root's. */
export async function logOwnersOf(
  lives: Pick<ProviderLives, 'all'>,
  limit: number,
): Promise<{ entityId: string; log: OwnLog }[]> {
  const owners = (await lives.all()).flatMap(({ entityId, log, state }) =>
    log === undefined || state !== 'active' ? [] : [{ entityId, log }],
  )
  return owners.slice(0, limit)
}

/** What a witness knows a log by, or undefined where no provider has one of that origin. */
export async function logOfOrigin(
  lives: Pick<ProviderLives, 'all'>,
  origin: string,
): Promise<OwnLog | undefined> {
  return (await lives.all()).find(({ log }) => log?.origin === origin)?.log
}
