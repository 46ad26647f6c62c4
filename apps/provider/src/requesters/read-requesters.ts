import { RegistryError } from '@arc3088/problems'

import type { ProviderDeps } from '../deps.ts'
import type { RequesterFile, RequesterState } from './requester.ts'
import * as store from './requester.store.ts'

/** Reads everything about one requester, or says that there is none. */
export async function readRequester(deps: ProviderDeps, id: string): Promise<RequesterFile> {
  const file = await store.readRequesterFile(deps.node.db, id)
  if (file === undefined) throw new RegistryError('requester-not-found', `There is no requester ${id}`)
  return file
}

/** Reads a page of requesters, newest first. */
export async function readRequesters(
  deps: ProviderDeps,
  page: { state?: RequesterState | undefined; before?: string | undefined; limit: number },
): Promise<RequesterFile[]> {
  return await store.readRequesterFiles(deps.node.db, {
    limit: page.limit,
    ...(page.state === undefined ? {} : { state: page.state }),
    ...(page.before === undefined ? {} : { before: page.before }),
  })
}

/** The number of the requester that calls; throws `requester-state` while it has none. */
export async function demandRequesterCode(deps: ProviderDeps, id: string): Promise<number> {
  const code = await deps.requesterCodeOf(id)
  if (code === undefined) throw new RegistryError('requester-state', 'The requester is not verified yet')
  return code
}
