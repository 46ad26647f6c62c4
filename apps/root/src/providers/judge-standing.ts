import type { Subject } from '@arc3088/codec'
import type { Standing } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { statusName, type StatusName } from '@arc3088/records'

import type { ProviderLife } from './provider-life.ts'
import { statusOfState } from './provider-status.ts'
import type { ProviderLives } from './provider-lives.ts'

/**
 * Holds what the database says of the status of a provider's code against its life before an answer is signed. Of now the
 * life decides; of the past each transition must be one of the life's.
 *
 * @throws RegistryError `decision-unproven` for a past that no verified act bears out.
 */
export async function judgeStanding(
  lives: Pick<ProviderLives, 'demand'>,
  subject: Subject,
  { standing, at }: { standing: Standing; at: number | undefined },
): Promise<Standing> {
  const life = await lives.demand(subject.provider)
  const lived = statusesOf(life)
  if (at === undefined) {
    const now = lived.at(-1) ?? { status: 'valid', since: life.assignedAt }
    return { ...standing, status: now.status, status_since: now.since }
  }
  const last = lived.findLast(({ since }) => since <= at) ?? { status: 'valid', since: life.assignedAt }
  const isLived = (each: { status: StatusName; since: number }) =>
    lived.some(({ status, since }) => status === each.status && since === each.since)
  const isBorneOut = last.status === standing.status && (standing.transitions ?? []).every(isLived)
  if (isBorneOut) return standing
  throw new RegistryError('decision-unproven', `No verified acts bear out what ${subject.text} was at ${at}`)
}

/** The changes of a provider's status, oldest first. */
function statusesOf({ transitions }: ProviderLife): { status: StatusName; since: number }[] {
  return transitions.flatMap(({ act, state, at }) =>
    act === 'suspend' || act === 'resume' || act === 'retire' ? [{ status: nameOf(state), since: at }] : [],
  )
}

function nameOf(state: ProviderLife['state']): StatusName {
  return statusName(statusOfState(state)) ?? 'valid'
}
