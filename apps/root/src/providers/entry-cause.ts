import { formatSegment } from '@arc3088/codec'
import { logVkey, type VerifiedDecision } from '@arc3088/issuer'
import {
  OwnLog,
  verifyKeyEndorsement,
  verifyRegistryRequest,
  type AdoptedProvider,
  type ProviderEntry,
} from '@arc3088/records'

import { AssignProviderPayload } from './assign-payload.ts'
import { MovePayload, ReplaceKeysPayload, RetirePayload, StatePayload } from './life-payload.ts'
import { custodianNumber, seatOf } from './seat.ts'
import type { LifeStep, ProviderLife } from './provider-life.ts'

/** What an entry is held against. */
export interface CauseFacts {
  readonly code: number
  /** The life up to the entry; undefined before the first. */
  readonly life: ProviderLife | undefined
  /** The verified decision that the entry names, where it names one and it is verified. */
  readonly decision: VerifiedDecision | undefined
}

/** Why an entry counts for nothing. */
export interface Uncaused {
  readonly uncaused: string
}

/** The kind of proposal behind an act. */
export function kindOfAct(act: ProviderEntry['act']): string {
  return `provider:${act}`
}

/**
 * What an entry says happened, held against what caused it: the payload that the officers decided, the provider's own
 * signature by a key that stood then, or the ceremony's word in the entry itself. The entry's own signature was verified.
 */
export async function readCause(entry: ProviderEntry, facts: CauseFacts): Promise<LifeStep | Uncaused> {
  if (entry.act === 'adopt') return beginStep(entry, facts.code, entry.adopted)
  if (entry.signed !== undefined) return await readSigned(entry, entry.signed, facts)
  if (facts.decision === undefined || facts.decision.kind !== kindOfAct(entry.act))
    return { uncaused: `no verified decision ${entry.decision ?? ''} of kind ${kindOfAct(entry.act)}` }
  return readDecided(entry, facts.decision, facts)
}

function beginStep(
  { act, record, statement_status: place }: ProviderEntry,
  code: number,
  facts: AdoptedProvider | undefined,
): LifeStep | Uncaused {
  if (
    (act !== 'assign' && act !== 'adopt') ||
    record === undefined ||
    place === undefined ||
    facts === undefined
  )
    return { uncaused: 'a first entry names record, place and facts' }
  return { act, code, facts, record, place }
}

function readDecided(
  entry: ProviderEntry,
  decision: VerifiedDecision,
  facts: CauseFacts,
): LifeStep | Uncaused {
  const { payload } = decision
  if (entry.act === 'assign') return readAssigned(entry, payload, facts.code)
  const step = readLater(entry, payload)
  if (step === undefined) return { uncaused: `the payload is none of ${decision.kind}` }
  const { provider } = StatePayload.loose().parse(payload)
  return provider === formatSegment(facts.code) ? step : { uncaused: `the decision is about ${provider}` }
}

function readAssigned(entry: ProviderEntry, payload: object, code: number): LifeStep | Uncaused {
  const read = AssignProviderPayload.safeParse(payload)
  if (!read.success) return { uncaused: 'the payload is not that of an assignment' }
  const { entity_id, kind, territory, organization, jwks, log, code: chosen } = read.data
  if (chosen !== null && chosen !== formatSegment(code)) return { uncaused: `${chosen} was decided` }
  return beginStep(entry, code, {
    entity_id,
    kind,
    territory,
    organization,
    jwks,
    tlog: log,
    assigned_at: entry.iat,
  })
}

function readLater(entry: ProviderEntry, payload: object): LifeStep | undefined {
  switch (entry.act) {
    case 'suspend':
    case 'resume':
      return StatePayload.safeParse(payload).success ? { act: entry.act } : undefined
    case 'retire': {
      const read = RetirePayload.safeParse(payload)
      if (!read.success) return undefined
      const { custodian, custody } = read.data
      return {
        act: 'retire',
        custodian: custodianNumber(custodian),
        custody: custody === null ? undefined : seatOf(custody),
      }
    }
    case 'replace-keys': {
      const read = ReplaceKeysPayload.safeParse(payload)
      const place = entry.statement_status
      return read.success && place !== undefined
        ? { act: 'replace-keys', keys: read.data.jwks.keys, place }
        : undefined
    }
    case 'move': {
      const read = MovePayload.safeParse(payload)
      if (!read.success) return undefined
      const { to, custodian } = read.data
      return { act: 'move', ...seatOf(to), custodian: custodianNumber(custodian) }
    }
    default:
      return undefined
  }
}

async function readSigned(
  entry: ProviderEntry,
  signed: string,
  { life, code }: CauseFacts,
): Promise<LifeStep | Uncaused> {
  if (life === undefined) return { uncaused: 'nothing was assigned' }
  if (entry.act === 'key') {
    const verified = await verifyKeyEndorsement(signed, life.federationKeys)
    if (verified.kind === 'rejected') return { uncaused: `its endorsement: ${verified.detail}` }
    const change = verified.claims
    if (change.iss !== life.entityId || change.sub !== life.entityId)
      return { uncaused: `the endorsement is of ${change.iss}` }
    return {
      act: 'key',
      change,
      ...(change.purpose === 'tlog' ? { vkey: logVkey(life.foundedAs, change.key) } : {}),
      ...(entry.statement_status === undefined ? {} : { place: entry.statement_status }),
    }
  }
  const verified = await verifyRegistryRequest(signed, life.federationKeys)
  if (verified.kind === 'rejected') return { uncaused: `its request: ${verified.detail}` }
  const { iss, path, body } = verified.claims
  if (iss !== life.entityId || path.toUpperCase() !== `/V1/PROVIDERS/${formatSegment(code)}/LOG`)
    return { uncaused: `the request is ${iss} to ${path}` }
  const log = OwnLog.safeParse(body)
  return log.success ? { act: 'log', log: log.data } : { uncaused: 'the request names no log' }
}
