import type { KeyEndorsement, NumericDate, PublicJwk, StatusPlace } from '@arc3088/records'

import { isEnd, isFirst, judgeStep, type FirstStep } from './judge-step.ts'
import type { LifeStep, Predecessor, ProviderLife, Seat, StepFacts } from './provider-life.ts'

/** What a step makes of a life. @throws Error for one that may not follow: see {@link judgeStep}. */
export function applyStep(life: ProviderLife | undefined, step: LifeStep, facts: StepFacts): ProviderLife {
  const judgement = judgeStep(life, step)
  if (judgement.kind === 'refuse') throw new Error(`${step.act} does not follow: ${judgement.detail}`)
  const changed = isFirst(step) ? begin(step, facts) : change(life, step, facts)
  const { seq, at, entry, decision } = facts
  const transition = { seq, act: step.act, at, state: changed.state, decision, entry }
  return {
    ...changed,
    transitions: [...changed.transitions, transition],
    head: { seq, hash: entry, at },
  }
}

function begin({ code, facts, record, place }: FirstStep, { seq, at, entry }: StepFacts): ProviderLife {
  return {
    code,
    foundedAs: facts.entity_id,
    entityId: facts.entity_id,
    kind: facts.kind,
    territory: facts.territory,
    organization: facts.organization,
    state: 'active',
    stateSince: facts.assigned_at,
    assignedAt: facts.assigned_at,
    servesSince: facts.assigned_at,
    federationKeys: facts.jwks.keys,
    log: facts.tlog ?? undefined,
    predecessors: [],
    custodian: undefined,
    isInCustody: false,
    record,
    statementPlace: place,
    withdrawnPlaces: [],
    transitions: [],
    head: { seq, hash: entry, at },
  }
}

function change(
  life: ProviderLife | undefined,
  step: Exclude<LifeStep, FirstStep>,
  { at }: StepFacts,
): ProviderLife {
  if (life === undefined) throw new Error('a life begins with its assignment')
  switch (step.act) {
    case 'suspend':
      return { ...life, state: 'suspended', stateSince: at }
    case 'resume':
      return { ...life, state: 'active', stateSince: at }
    case 'retire': {
      const { custodian, custody } = step
      const seated = custody === undefined ? life : takeSeat(life, custody, at)
      return { ...seated, state: 'retired', stateSince: at, custodian, isInCustody: custody !== undefined }
    }
    case 'replace-keys':
      return { ...withdraw(life, step.place), federationKeys: step.keys }
    case 'move': {
      const { custodian = life.custodian } = step
      return { ...takeSeat(life, step, at), custodian, isInCustody: life.state === 'retired' }
    }
    case 'key':
      return changeKey(step.place === undefined ? life : withdraw(life, step.place), step)
    case 'log':
      return { ...life, log: step.log }
  }
}

/** Another entity is the provider from now on, and the one before leaves its term. */
function takeSeat(life: ProviderLife, { entityId, keys, log }: Seat, at: NumericDate): ProviderLife {
  const predecessors = [...life.predecessors, termOf(life, at)]
  return { ...life, entityId, servesSince: at, federationKeys: keys, log, predecessors }
}

/** The statement stands elsewhere from now on, and every one that was given out before is revoked. */
function withdraw(life: ProviderLife, place: StatusPlace): ProviderLife {
  return {
    ...life,
    statementPlace: place,
    withdrawnPlaces: [...life.withdrawnPlaces, life.statementPlace],
  }
}

/** The keys that stood at its end: by them its key history is known for ever. */
function termOf(life: ProviderLife, until: NumericDate): Predecessor {
  return {
    entity_id: life.entityId,
    jwks_thumbprints: life.federationKeys.map(({ kid }) => kid),
    from: life.servesSince,
    until,
  }
}

function changeKey(life: ProviderLife, step: Extract<LifeStep, { act: 'key' }>): ProviderLife {
  const { purpose, key, event } = step.change
  if (purpose === 'federation')
    return { ...life, federationKeys: changeFederationKeys(life.federationKeys, { event, key }) }
  if (purpose !== 'tlog' || life.log === undefined || step.vkey === undefined) return life
  const vkeys = changeVkeys(life.log.vkeys, { event, vkey: step.vkey })
  return vkeys.length === 0 ? life : { ...life, log: { ...life.log, vkeys } }
}

/** A new federation key stands from its announcement, and no more from its retirement or compromise on. */
function changeFederationKeys(
  keys: readonly PublicJwk[],
  { event, key }: Pick<KeyEndorsement, 'event' | 'key'>,
): readonly PublicJwk[] {
  if (isEnd({ event })) return keys.filter(({ kid }) => kid !== key.kid)
  const isNew = event === 'announce' && !keys.some(({ kid }) => kid === key.kid)
  return isNew ? [...keys, key] : keys
}

/** The key that signs stands first: by it the provider cosigns, too. Only a compromised one leaves. */
function changeVkeys(
  known: readonly string[],
  { event, vkey }: { event: KeyEndorsement['event']; vkey: string },
): string[] {
  const others = known.filter((each) => each !== vkey)
  if (event === 'compromise') return others
  return event === 'activate' ? [vkey, ...others] : [...others, vkey]
}
