import { formatSegment } from '@arc3088/codec'
import { PublicJwkSet } from '@arc3088/records'
import { z } from 'zod'

import { defineAct } from '../acts/act.ts'
import { carryDecided, type LifeOutcome } from './carry-decided.ts'
import { ProviderCodeText, ReplaceKeysPayload } from './life-payload.ts'
import { demandFollows, demandSameEntity, lockLife } from './locked-life.ts'
import type { LifeStep } from './provider-life.ts'
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
