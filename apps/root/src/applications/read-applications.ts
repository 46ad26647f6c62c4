import { RegistryError } from '@arc3088/problems'

import type { RootDeps } from '../deps.ts'
import type { Application, ApplicationState } from './application.ts'
import * as store from './application.store.ts'

/** Reads one application, or says that there is none. */
export async function readApplication(deps: RootDeps, id: string): Promise<Application> {
  const application = await store.readApplication(deps.node.db, id)
  if (application === undefined)
    throw new RegistryError('application-not-found', `There is no application ${id}`)
  return application
}

/** Reads a page of applications, newest first. */
export async function readApplications(
  deps: RootDeps,
  page: { state?: ApplicationState | undefined; before?: string | undefined; limit: number },
): Promise<Application[]> {
  return await store.readApplications(deps.node.db, {
    limit: page.limit,
    ...(page.state === undefined ? {} : { state: page.state }),
    ...(page.before === undefined ? {} : { before: page.before }),
  })
}
