import { issuerTables, queueEntries } from '@arc3088/issuer'
import type { AdoptedProvider } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import { recordRefOf } from './begin-life.ts'
import { carryStep, type EntrySigner } from './carry-step.ts'
import { directoryEntryOf, firstDirectory, nextDirectory } from './directory.ts'
import type { LifeStep } from './provider-life.ts'
import { DIRECTORY_PATH } from './queue-directory.ts'
import { readUnadopted, type UnadoptedProvider } from './provider.store.ts'

/** A provider that was taken in, as the ceremony shows it to those who hold it. */
export interface Adoption {
  readonly code: number
  readonly entityId: string
}

/**
 * Takes in the providers that were assigned before officers signed decisions: their rows become the first entries of their
 * lives, signed with the federation key. Part of the ceremony that enrols the first officers, who look at what is taken in,
 * and of nothing else: from then on every provider rests on a decision.
 */
export async function adoptProviders(
  tx: Transaction<RootTables>,
  signer: EntrySigner,
): Promise<readonly Adoption[]> {
  const at = signer.ambient.now()
  let directory = await firstDirectory()
  const found = await readUnadopted(tx)
  for (const provider of found) {
    const step: LifeStep = {
      act: 'adopt',
      code: provider.code,
      facts: factsOf(provider),
      record: await recordRefOf(provider.record),
      place: provider.statementPlace,
    }
    const life = await carryStep(tx, signer, {
      code: provider.code,
      life: undefined,
      step,
      cause: { adopted: step.facts },
      at,
    })
    const [begun] = life.transitions
    if (begun !== undefined)
      directory = await nextDirectory(directory, directoryEntryOf(signer.prefix, life, begun))
  }
  if (found.length > 0) {
    const c = `${signer.entityId}${DIRECTORY_PATH}`
    const entry = { v: 1, t: 'list', c, h: directory.hash, i: numericDate(at) } as const
    await queueEntries(issuerTables(tx), [entry], at)
  }
  return found.map(({ code, entityId }) => ({ code, entityId }))
}

function factsOf(provider: UnadoptedProvider): AdoptedProvider {
  const { entityId, kind, territory, organization, federationKeys, log, assignedAt } = provider
  return {
    entity_id: entityId,
    kind,
    territory,
    organization,
    jwks: { keys: [...federationKeys] },
    tlog: log,
    assigned_at: numericDate(assignedAt),
  }
}
