import { AgreementId, EntityId, NumericDate } from '@arc3088/records'
import { RegistryError } from '@arc3088/problems'
import { readRootKeySet } from '@arc3088/records'
import type { Kysely } from 'kysely'
import { z } from 'zod'

import { defineAct, type AnyAct } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { EventToSign } from './agreement-decision.ts'
import { agreementIdOf, agreementObject } from './agreement-name.ts'
import { demandAgreement } from './agreement.store.ts'
import type { KnownAgreement } from './known-agreement.ts'
import { nextEvent, signEvent, type EventWord } from './sign-event.ts'
import { lockAgreement } from './sign-terms.ts'

const REASON_LENGTH_MAX = 256

const Ask = z.strictObject({
  jti: AgreementId,
  /** Said in public, in the event. */
  reason: z.string().min(1).max(REASON_LENGTH_MAX),
  effective: NumericDate.nullable().default(null),
})
const TowardsAsk = Ask.extend({ towards: z.union([EntityId, z.literal('all')]).default('all') })
type Asked = z.infer<typeof Ask> & { readonly towards?: string }

/** What an event led to. */
export interface EventMade {
  readonly jti: string
  readonly event: string
}

interface EventRules {
  readonly kind: string
  readonly summary: string
  readonly event: EventToSign['event']
  /** Whether the party must have signed; whoever has not declines instead. */
  readonly signed: boolean
  readonly ask: z.ZodType<Asked>
  readonly more?: (deps: RootDeps) => Pick<EventToSign, 'jwks' | 'root_keys_thumbprints'>
}

async function demandOwn(
  deps: RootDeps,
  db: Kysely<RootTables>,
  jti: string,
  { signed }: Pick<EventRules, 'signed'>,
): Promise<KnownAgreement> {
  const known = demandAgreement(await deps.agreements.read(db, agreementIdOf(jti)), jti)
  if (known.signed.includes(deps.node.entityId) !== signed)
    throw new RegistryError(
      'agreement-state',
      signed ? 'This root has not signed it; decline it' : 'This root has signed it; terminate it',
    )
  return known
}

/** All of the event but what the moment of signing decides. */
function wordOf(decided: EventToSign): EventWord {
  const { event, towards, reason, effective, jwks, root_keys_thumbprints: rootKeys } = decided
  return {
    event,
    towards,
    reason,
    effective,
    ...(jwks === undefined ? {} : { jwks }),
    ...(rootKeys === undefined ? {} : { root_keys_thumbprints: rootKeys }),
  }
}

function eventAct(rules: EventRules): AnyAct {
  return defineAct<Asked, EventToSign, EventMade>({
    kind: rules.kind,
    summary: rules.summary,
    proposers: ['officer'],
    ask: rules.ask,
    payload: EventToSign,
    async prepare(deps, tx, { jti, reason, effective, towards = 'all' }) {
      const known = await demandOwn(deps, tx, jti, rules)
      const payload: EventToSign = {
        agreement: known.claims.jti,
        agreement_hash: known.hash,
        event: rules.event,
        towards,
        reason,
        effective,
        ...rules.more?.(deps),
      }
      nextEvent(deps, known, wordOf(payload), deps.node.ambient.now())
      return { payload, objects: [agreementObject(known.id)] }
    },
    async carryOut(deps, tx, { payload, decidedAt }) {
      const jti = payload.agreement
      await lockAgreement(tx, agreementIdOf(jti))
      const known = await demandOwn(deps, tx, jti, rules)
      if (known.hash !== payload.agreement_hash)
        throw new RegistryError('agreement-state', `The hash of the agreement is ${known.hash}`)
      return { jti, event: await signEvent(deps, tx, known, wordOf(payload), decidedAt) }
    },
  })
}

/** The keys that this root's newest key set names: what it will sign with. */
function currentKeys(deps: RootDeps): Pick<EventToSign, 'jwks' | 'root_keys_thumbprints'> {
  const newest = deps.rootKeySets.at(-1)
  const read = newest === undefined ? undefined : readRootKeySet(newest)
  if (read?.kind !== 'read') throw new Error('a root has a key set')
  const { keys, root_keys: rootKeys } = read.claims
  return {
    jwks: { keys: [...keys.federation] },
    root_keys_thumbprints: rootKeys.map(({ kid }) => kid),
  }
}

/** What this root can do about an agreement by itself (W9). A decline is the leaving of a party that never signed. */
export const AGREEMENT_EVENT_ACTS: readonly AnyAct[] = [
  eventAct({
    kind: 'agreement:suspend',
    summary: 'Suspend an agreement, towards all parties or one',
    event: 'suspend',
    signed: true,
    ask: TowardsAsk,
  }),
  eventAct({
    kind: 'agreement:resume',
    summary: 'Take one’s own suspension back',
    event: 'resume',
    signed: true,
    ask: TowardsAsk,
  }),
  eventAct({
    kind: 'agreement:terminate',
    summary: 'Leave an agreement for good',
    event: 'terminate',
    signed: true,
    ask: Ask,
  }),
  eventAct({
    kind: 'agreement:decline',
    summary: 'Decline an agreement that another root has proposed, for good',
    event: 'terminate',
    signed: false,
    ask: Ask,
  }),
  eventAct({
    kind: 'agreement:key-update',
    summary: 'Tell the parties of an agreement the keys of this root’s newest key set',
    event: 'key_update',
    signed: true,
    ask: Ask,
    more: currentKeys,
  }),
]
