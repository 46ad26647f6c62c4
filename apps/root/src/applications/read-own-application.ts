import type { RootDeps } from '../deps.ts'
import type { ReceivedRequest } from '../federation/signed-request.ts'
import { readApplicantsOwn } from './applicant-request.ts'
import { StatusBody } from './application-body.ts'
import { readApplicationFile, type ApplicationFile } from './read-applications.ts'

/**
 * Shows an applicant its own application whole: what it sent, how far that has come, and what the desk asks for. A request
 * that changes nothing is not remembered; whoever has one may repeat it while it lives.
 */
export async function readOwnApplication(
  deps: RootDeps,
  id: string,
  received: ReceivedRequest,
): Promise<ApplicationFile> {
  await readApplicantsOwn(deps, id, received, StatusBody)
  return await readApplicationFile(deps, id)
}
