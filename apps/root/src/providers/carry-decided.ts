import { formatSegment } from '@arc3088/codec'
import type { Transaction } from 'kysely'

import type { Approved } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { carryStep, type EntrySigner } from './carry-step.ts'
import { queueDirectory } from './queue-directory.ts'
import type { LifeStep, ProviderLife, ProviderState } from './provider-life.ts'
import { prefixOf } from './provider-lives.ts'

/** What an act about a provider led to: how it stands now, and the entry of its life that says so. */
export interface LifeOutcome {
  readonly code: string
  readonly code_prefix: string
  readonly entity_id: string
  readonly state: ProviderState
  readonly state_since: string
  readonly entry: { readonly seq: number; readonly hash: string }
}

/** What signs the entries of this root. */
export function entrySignerOf({ node, prefix }: Pick<RootDeps, 'node' | 'prefix'>): EntrySigner {
  return { ambient: node.ambient, entityId: node.entityId, keys: node.keys, prefix }
}

/** Takes a decided step in the life of a provider that the transaction holds; see `carryStep`. */
export async function carryDecided(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  { life, step, approved }: { life: ProviderLife; step: LifeStep; approved: Approved<object> },
): Promise<LifeOutcome> {
  const before = await deps.directory.standing(tx)
  const changed = await carryStep(tx, entrySignerOf(deps), {
    code: life.code,
    life,
    step,
    cause: { decision: approved.hash },
    at: approved.decidedAt,
  })
  if (changed.state !== life.state) await queueDirectory(deps, tx, { before, life: changed })
  return outcomeOf(deps, changed)
}

function outcomeOf({ prefix }: RootDeps, life: ProviderLife): LifeOutcome {
  return {
    code: formatSegment(life.code),
    code_prefix: prefixOf(prefix, life.code),
    entity_id: life.entityId,
    state: life.state,
    state_since: new Date(life.stateSince * 1000).toISOString(),
    entry: { seq: life.head.seq, hash: life.head.hash },
  }
}
