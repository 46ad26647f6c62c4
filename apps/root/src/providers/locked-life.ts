import { formatSegment, parseProviderNumber } from '@arc3088/codec'
import { readWish } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { judgeStep } from './judge-step.ts'
import type { LifeStep, ProviderLife } from './provider-life.ts'
import { lockProvider } from './provider.store.ts'

/** Holds a provider until the transaction ends, and reads its life. Throws `entity-unknown`, `decision-unproven`. */
export async function lockLife(
  { lives }: Pick<RootDeps, 'lives'>,
  tx: Transaction<RootTables>,
  code: string | number,
): Promise<ProviderLife> {
  const number = typeof code === 'number' ? code : readWish(parseProviderNumber, code)
  if (number === undefined || !(await lockProvider(tx, number)))
    throw new RegistryError('entity-unknown', `No provider was ever assigned ${code}`)
  const life = await lives.within(tx, number)
  if (life !== undefined) return life
  throw new RegistryError(
    'decision-unproven',
    `No verified act bears out the row about provider ${formatSegment(number)}`,
  )
}

/** Reads the life of a provider without holding it. Throws `entity-unknown`, `decision-unproven`. */
export async function readLife({ lives }: Pick<RootDeps, 'lives'>, code: string): Promise<ProviderLife> {
  const number = readWish(parseProviderNumber, code)
  const life = number === undefined ? undefined : await lives.find(number)
  if (life === undefined) throw new RegistryError('entity-unknown', `No provider was ever assigned ${code}`)
  return life
}

/** Throws where a step may not follow. */
export function demandFollows(life: ProviderLife, step: LifeStep): void {
  const judgement = judgeStep(life, step)
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
}

/** Throws where an act was decided about an entity that is this provider no more. */
export function demandSameEntity(life: ProviderLife, entityId: string): void {
  if (life.entityId === entityId) return
  throw new RegistryError('provider-state', `It has moved to ${life.entityId} since this was proposed`)
}
