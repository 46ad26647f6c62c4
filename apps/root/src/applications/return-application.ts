import { RegistryError } from '@arc3088/problems'

import type { RootDeps } from '../deps.ts'
import { isProposalPending } from './application-proposal.store.ts'
import { readSteps } from './application-step.store.ts'
import type { ApplicationStep, ReturnedItem } from './application-step.ts'
import type { Application } from './application.ts'
import { lockApplication, moveApplication, objectOf } from './move-application.ts'

/** What a clerk asks for before the review goes on. */
export interface Return {
  readonly applicationId: string
  readonly officer: string
  readonly reason: string
  readonly items: readonly ReturnedItem[]
}

/**
 * Gives an application back for completion. Doing again what the same person did with the same words is no error; while a
 * proposal about it is pending it is not given back, since what officers read must not change below them.
 *
 * @throws RegistryError `application-not-found`, `application-state`, `proposal-pending`.
 */
export async function returnApplication(deps: RootDeps, given: Return): Promise<Application> {
  const { ambient, db } = deps.node
  const returned = await db.transaction().execute(async (tx) => {
    const application = await lockApplication(tx, given.applicationId)
    ambient.reached('application:locked')
    if (application.state === 'returned') {
      const last = (await readSteps(tx, application.id)).at(-1)
      if (last !== undefined && isSame(last, given)) return application
      throw new RegistryError('application-state', 'The application is returned')
    }
    if (await isProposalPending(tx, objectOf(application.id), ambient.now()))
      throw new RegistryError('proposal-pending', 'A proposal about the application is pending')
    const moved = await moveApplication(deps, tx, application, {
      act: 'return',
      actor: given.officer,
      reason: given.reason,
      detail: { items: given.items },
      audit: { items: given.items.map((item) => item.about) },
    })
    ambient.reached('application:written')
    return moved
  })
  ambient.reached('application:committed')
  return returned
}

function isSame({ actor, reason, detail }: ApplicationStep, given: Return): boolean {
  const { items = [] } = detail
  return (
    actor === given.officer &&
    reason === given.reason &&
    items.length === given.items.length &&
    items.every((item, nth) => item.about === given.items[nth]?.about && item.note === given.items[nth]?.note)
  )
}
