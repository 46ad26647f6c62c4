import { demandAtDesk, issuerTables, lockDesk, propose, type Proposal } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Principal } from '@arc3088/service'
import { z } from 'zod'

import { actOf } from '../acts/registry.ts'
import type { RootDeps } from '../deps.ts'
import { endUnsoundClaims } from './sound-proposal.ts'

/** What somebody at the desk wants to be decided. */
export interface Wanted {
  readonly kind: string
  readonly ask: unknown
  readonly reason: string
}

/**
 * Puts an act before the officers, bound to the hash of exactly what will happen. What it is about can be the object of one
 * pending proposal at most, and what this desk did not write is none.
 */
export async function proposeAct(
  deps: RootDeps,
  proposer: Principal,
  { kind, ask, reason }: Wanted,
): Promise<Proposal> {
  const act = actOf(kind)
  if (!proposer.roles.some((role) => act.proposers.some((each) => each === role)))
    throw new RegistryError('forbidden', `${kind} is proposed by ${act.proposers.join(' or ')}`)
  const asked = act.ask.safeParse(ask)
  if (!asked.success)
    throw new RegistryError('request-invalid', z.prettifyError(asked.error).replaceAll('\n', ' '))
  const { hash: officerSet } = await deps.decisions.currentSet()
  const seen = await act.look?.(deps, asked.data)
  return await deps.node.db.transaction().execute(async (tx) => {
    await lockDesk(issuerTables(tx))
    await demandAtDesk(issuerTables(tx), proposer.id)
    const { payload, objects } = await act.prepare(deps, tx, asked.data, seen)
    const shaped = act.payload.parse(payload)
    await endUnsoundClaims(deps, tx, objects)
    return await propose(issuerTables(tx), deps.node.ambient, {
      kind,
      payload: { ...shaped },
      objects,
      proposer: proposer.id,
      reason,
      officerSet,
    })
  })
}
