import { parseProviderNumber } from '@arc3088/codec'
import { readWish } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'

import type { RootDeps } from '../deps.ts'
import type { ProviderLife, Transition } from './provider-life.ts'

/** Reads a page of providers by code, and the code after which the following one begins. */
export async function listProviders(
  deps: Pick<RootDeps, 'lives'>,
  page: { after: string | undefined; limit: number },
): Promise<{ lives: readonly ProviderLife[]; next: number | null }> {
  const after = readWish(parseProviderNumber, page.after) ?? 0
  const rest = (await deps.lives.all()).filter(({ code }) => code > after)
  const lives = rest.slice(0, page.limit)
  return { lives, next: rest.length > lives.length ? (lives.at(-1)?.code ?? null) : null }
}

/** Reads the life of one provider. @throws RegistryError `code-malformed`, `entity-unknown`, `decision-unproven`. */
export async function readProviderLife(deps: Pick<RootDeps, 'lives'>, code: string): Promise<ProviderLife> {
  const number = readWish(parseProviderNumber, code)
  if (number === undefined) throw new RegistryError('entity-unknown', `No provider was ever assigned ${code}`)
  return await deps.lives.demand(number)
}

/** Reads a page of the steps of one life, oldest first. */
export async function listSteps(
  deps: Pick<RootDeps, 'lives'>,
  code: string,
  page: { after: number; limit: number },
): Promise<{ steps: readonly Transition[]; next: number | null }> {
  const { transitions } = await readProviderLife(deps, code)
  const rest = transitions.filter(({ seq }) => seq > page.after)
  const steps = rest.slice(0, page.limit)
  return { steps, next: rest.length > steps.length ? (steps.at(-1)?.seq ?? null) : null }
}
