import { formatSegment } from '@arc3088/codec'
import { witnessUrl } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { EntityId, jcsDigest, PublicJwkSet, type OwnLog, type PublicJwk } from '@arc3088/records'
import type { Transaction } from 'kysely'
import { z } from 'zod'

import { defineAct } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { carryDecided, type LifeOutcome } from './carry-decided.ts'
import { fetchVerifiedConfiguration } from './fetch-configuration.ts'
import { MovePayload, ProviderCodeText, ReplaceKeysPayload } from './life-payload.ts'
import { demandFollows, demandSameEntity, lockLife } from './locked-life.ts'
import { readCodeOfEntity } from './provider-entry.store.ts'
import type { LifeStep, ProviderLife } from './provider-life.ts'
import { demandFreshKeys } from './fresh-keys.ts'
import { replaceFederationKeys } from './provider-key-set.store.ts'

const ReplaceKeysAsk = z.strictObject({ provider: ProviderCodeText, jwks: PublicJwkSet })

/**
 * Puts new federation keys in the place of all that stood, where the provider cannot sign the change itself: every
 * statement that was given out before is revoked, and the new one has a place of its own (wire-format W2).
 */
export const replaceProviderKeys = defineAct<z.infer<typeof ReplaceKeysAsk>, ReplaceKeysPayload, LifeOutcome>(
  {
    kind: 'provider:replace-keys',
    summary: 'Replace all federation keys of a provider in an emergency',
    proposers: ['officer'],
    ask: ReplaceKeysAsk,
    payload: ReplaceKeysPayload,
    async prepare(deps, tx, { provider, jwks }) {
      const life = await lockLife(deps, tx, provider)
      // The place does not matter to the judgement; it is drawn when the act is carried out.
      demandFollows(life, { act: 'replace-keys', keys: jwks.keys, place: life.statementPlace })
      await demandFreshKeys(deps, tx, life, jwks.keys)
      const code = formatSegment(life.code)
      return { payload: { provider: code, entity_id: life.entityId, jwks }, objects: [`provider:${code}`] }
    },
    wants: () => ({ numbers: 0, statuses: 1 }),
    async carryOut(deps, tx, approved) {
      const { provider, entity_id: entityId, jwks } = approved.payload
      const life = await lockLife(deps, tx, provider)
      demandSameEntity(life, entityId)
      const step: LifeStep = { act: 'replace-keys', keys: jwks.keys, place: approved.draw.status() }
      demandFollows(life, step)
      await demandFreshKeys(deps, tx, life, jwks.keys)
      const outcome = await carryDecided(deps, tx, { life, step, approved })
      await replaceFederationKeys(tx, life, { keys: jwks.keys, ended: 'compromised', at: approved.decidedAt })
      return outcome
    },
  },
)

const MoveAsk = z.strictObject({ provider: ProviderCodeText, entity_id: EntityId, jwks: PublicJwkSet })

/** Another entity is this provider from now on; what the one before signed stays good for its term (wire-format W2). */
export const moveProvider = defineAct<z.infer<typeof MoveAsk>, MovePayload, LifeOutcome>({
  kind: 'provider:move',
  summary: 'Move a provider to another entity identifier',
  proposers: ['officer'],
  ask: MoveAsk,
  payload: MovePayload,
  async prepare(deps, tx, { provider, entity_id: entityId, jwks }) {
    const life = await lockLife(deps, tx, provider)
    const to = await judgeDestination(deps, tx, { life, entityId, keys: jwks.keys })
    const code = formatSegment(life.code)
    return {
      payload: { provider: code, entity_id: life.entityId, to },
      objects: [`provider:${code}`, `entity:${entityId}`],
    }
  },
  async carryOut(deps, tx, approved) {
    const { provider, entity_id: from, to } = approved.payload
    const life = await lockLife(deps, tx, provider)
    demandSameEntity(life, from)
    const { entity_id: entityId, jwks, log } = to
    const now = await judgeDestination(deps, tx, { life, entityId, keys: jwks.keys })
    if ((await jcsDigest(now)) !== (await jcsDigest(to)))
      throw new RegistryError('entity-unverified', `${entityId} publishes another log than was decided`)
    const step: LifeStep = { act: 'move', entityId, keys: jwks.keys, log: log ?? undefined }
    const outcome = await carryDecided(deps, tx, { life, step, approved })
    await replaceFederationKeys(tx, life, { keys: jwks.keys, ended: 'retired', at: approved.decidedAt })
    return outcome
  },
})

/** What a provider moves to, as its own address bears it out now. */
async function judgeDestination(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  { life, entityId, keys }: { life: ProviderLife; entityId: string; keys: readonly PublicJwk[] },
): Promise<MovePayload['to']> {
  demandFollows(life, { act: 'move', entityId, keys, log: life.log })
  if (entityId === deps.node.entityId || (await readCodeOfEntity(tx, entityId)) !== undefined)
    throw new RegistryError('entity-known', `${entityId} is or was another entity of this registry`)
  // The same node under another name has the keys that it had.
  const standing = new Set(life.federationKeys.map(({ kid }) => kid))
  const others = keys.filter(({ kid }) => !standing.has(kid))
  await demandFreshKeys(deps, tx, life, others)
  const { jwks, metadata } = await fetchVerifiedConfiguration(deps, entityId, keys)
  const kidsOf = (given: readonly PublicJwk[]) =>
    given
      .map(({ kid }) => kid)
      .toSorted()
      .join(' ')
  if (kidsOf(jwks.keys) !== kidsOf(keys))
    throw new RegistryError('entity-unverified', 'The published federation keys are not those proposed')
  const log = judgeMovedLog(life, entityId, metadata.agent_code_provider?.tlog)
  return { entity_id: entityId, jwks: { keys: [...keys] }, log }
}

/** The same log, served by the new entity: its origin and its keys stay what the root knows. */
function judgeMovedLog(life: ProviderLife, entityId: string, tlog: OwnLog | undefined): OwnLog | null {
  if (life.log === undefined) return null
  const refuse = (detail: string) => new RegistryError('log-not-own', detail)
  if (tlog === undefined || tlog.origin !== life.log.origin)
    throw refuse(`${entityId} does not go on with the log ${life.log.origin}`)
  const [signs = ''] = tlog.vkeys
  if (!life.log.vkeys.includes(signs)) throw refuse(`The root does not know the key ${signs} of the log`)
  if (!tlog.url.startsWith(witnessUrl(entityId)) || !tlog.url.endsWith('/') || !URL.canParse(tlog.url))
    throw refuse(`The log of ${entityId} is served below ${witnessUrl(entityId)}`)
  return { ...life.log, url: tlog.url }
}
