import { asProviderNumber, buildProviderPrefix, type RootPrefix } from '@arc3088/codec'
import { issuerTables, setDocumentStatus, setStatusMany } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  recordHash,
  signProviderEntry,
  type KeyRing,
  type ProviderEntry,
  type StatusValue,
} from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import { insertEntity, insertEntry } from './provider-entry.store.ts'
import { applyStep } from './apply-step.ts'
import { judgeStep } from './judge-step.ts'
import type { LifeStep, ProviderLife } from './provider-life.ts'
import { statusEntriesOf } from './provider-status.ts'
import { writeProviderFacts } from './provider.store.ts'

/** What signs the entries of lives. */
export interface EntrySigner {
  readonly ambient: Ambient
  readonly entityId: string
  readonly keys: Pick<KeyRing, 'active'>
  readonly prefix: RootPrefix
}

/** A step about to be taken, and the members of its entry that say why. */
export interface CarriedStep {
  readonly code: number
  /** The life as this transaction sees it, which holds the provider. */
  readonly life: ProviderLife | undefined
  readonly step: LifeStep
  readonly cause:
    | Pick<ProviderEntry, 'decision'>
    | Pick<ProviderEntry, 'signed'>
    | Pick<ProviderEntry, 'adopted'>
  readonly at: Date
}

/**
 * Takes a step in the life of a provider: judges it again, signs its entry, and writes what follows from it, all in the
 * caller's transaction: rows for queries, the status of the code and of the statement, log and feed with them.
 *
 * @throws RegistryError where the step may not follow.
 */
export async function carryStep(
  tx: Transaction<RootTables>,
  parts: EntrySigner,
  carried: CarriedStep,
): Promise<ProviderLife> {
  const { code, life, step, at } = carried
  const judgement = judgeStep(life, step)
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
  const { hash, entry } = await writeEntry(tx, parts, carried)
  parts.ambient.reached('provider:entered')
  const facts = { seq: entry.seq, at: entry.iat, entry: hash, decision: entry.decision }
  const changed = applyStep(life, step, facts)
  // An adopted one is noted since its assignment.
  if (life?.entityId !== changed.entityId && step.act !== 'adopt')
    await insertEntity(tx, { entityId: changed.entityId, provider: code, since: at })
  if (life !== undefined) {
    await writeProviderFacts(tx, changed)
    await writeStatuses(tx, parts, { before: life, after: changed, at })
  }
  parts.ambient.reached('provider:written')
  return changed
}

async function writeEntry(
  tx: Transaction<RootTables>,
  { entityId, keys, prefix }: EntrySigner,
  { code, life, step, cause, at }: CarriedStep,
): Promise<{ hash: string; entry: ProviderEntry }> {
  const place = 'place' in step ? step.place : undefined
  const entry: ProviderEntry = {
    iss: entityId,
    // A life runs forward, whatever the clocks of two processes say.
    iat: Math.max(numericDate(at), life?.head.at ?? 0),
    sub: buildProviderPrefix({ prefix, provider: asProviderNumber(code) }).text,
    seq: (life?.head.seq ?? 0) + 1,
    prev: life?.head.hash ?? null,
    act: step.act,
    ...cause,
    ...('record' in step ? { record: step.record } : {}),
    ...(place === undefined ? {} : { statement_status: place }),
  }
  const jws = await signProviderEntry(keys.active('federation'), entry)
  const hash = await recordHash(jws)
  await insertEntry(tx, { hash, seq: entry.seq, jws, provider: code, place, at })
  return { hash, entry }
}

async function writeStatuses(
  tx: Transaction<RootTables>,
  { ambient, prefix }: EntrySigner,
  { before, after, at }: { before: ProviderLife; after: ProviderLife; at: Date },
): Promise<void> {
  const changes = changedEntries(before, after)
  const subject = buildProviderPrefix({ prefix, provider: asProviderNumber(after.code) })
  const { list, index } = after.record.status
  const isRecord = (place: { list: number; index: number }) => place.list === list && place.index === index
  const issuer = issuerTables(tx)
  await setStatusMany(
    issuer,
    ambient,
    changes.filter(isRecord).map(({ status: value, ...status }) => {
      return { subject, status, value, at, logName: subject.text }
    }),
  )
  await setDocumentStatus(
    issuer,
    changes
      .filter((place) => !isRecord(place))
      .map(({ status: value, ...status }) => ({ status, value, at, about: after.foundedAs })),
  )
}

function changedEntries(
  before: ProviderLife,
  after: ProviderLife,
): { list: number; index: number; status: StatusValue }[] {
  const had = new Map(statusEntriesOf(before).map(({ list, index, status }) => [`${list}/${index}`, status]))
  return statusEntriesOf(after).filter(
    ({ list, index, status }) => (had.get(`${list}/${index}`) ?? 0) !== status,
  )
}
