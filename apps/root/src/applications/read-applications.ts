import { RegistryError } from '@arc3088/problems'

import type { RootDeps } from '../deps.ts'
import { readSteps } from './application-step.store.ts'
import type { ApplicationStep } from './application-step.ts'
import type { Application } from './application.ts'
import * as store from './application.store.ts'

/** An application with the way that it has come. */
export interface ApplicationFile {
  readonly application: Application
  readonly steps: readonly ApplicationStep[]
}

/** Reads one application, or says that there is none. */
export async function readApplication(deps: RootDeps, id: string): Promise<Application> {
  const application = await store.readApplication(deps.node.db, id)
  if (application === undefined)
    throw new RegistryError('application-not-found', `There is no application ${id}`)
  return application
}

/** Reads one application with its steps, as of one instant. */
export async function readApplicationFile(deps: RootDeps, id: string): Promise<ApplicationFile> {
  const application = await readApplication(deps, id)
  const steps = await readSteps(deps.node.db, id)
  // A step that came between the two reads belongs to the next answer.
  return { application, steps: steps.filter(({ step }) => step <= application.step) }
}

/** Reads a page of applications, newest first. */
export async function readApplications(
  deps: RootDeps,
  page: store.ApplicationFilter & { before?: string; limit: number },
): Promise<Application[]> {
  return await store.readApplications(deps.node.db, page)
}
