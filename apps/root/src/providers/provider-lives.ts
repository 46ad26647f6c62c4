import { asProviderNumber, buildProviderPrefix, formatSegment, type RootPrefix } from '@arc3088/codec'
import type { DecisionBook, VerifiedDecision } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { recordHash, verifyProviderEntry, type ProviderEntry, type PublicJwk } from '@arc3088/records'
import type { Log } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import { kindOfAct, readCause } from './entry-cause.ts'
import {
  isProviderRow,
  readCodeOfEntity,
  readEntriesAfter,
  readNewestEntries,
  type StoredEntry,
} from './provider-entry.store.ts'
import { applyStep } from './apply-step.ts'
import { judgeStep } from './judge-step.ts'
import type { ProviderLife } from './provider-life.ts'

/**
 * The lives of providers as far as they can be proved: what this root signs of a provider follows from here. Rows that
 * nothing verified bears out are as if they were not there, and the log says so.
 *
 * A transaction that has written nothing yet gives itself as the source: it must not wait for a second connection while
 * others wait for what it holds.
 */
export interface ProviderLives {
  /** The life of a code, or undefined where it was never assigned. Throws `decision-unproven` for a row without a life. */
  find(code: number, source?: Kysely<RootTables>): Promise<ProviderLife | undefined>
  /** As `find`; throws `entity-unknown` where the code was never assigned. */
  demand(code: number): Promise<ProviderLife>
  /** The life of the provider that an entity is or was. Throws `decision-unproven` for a row that its life denies. */
  findByEntity(entityId: string): Promise<ProviderLife | undefined>
  /** All lives, by code. */
  all(source?: Kysely<RootTables>): Promise<readonly ProviderLife[]>
  /** The life as a transaction sees it that holds the provider. */
  within(tx: Kysely<RootTables>, code: number): Promise<ProviderLife | undefined>
}

/** What lives are read with. */
export interface LivesParts {
  readonly db: Kysely<RootTables>
  readonly prefix: RootPrefix
  readonly entityId: string
  readonly decisions: Pick<DecisionBook, 'verified'>
  /** Every federation key that a key set of this root ever named. */
  readonly federationKeys: () => readonly PublicJwk[]
  readonly log: Log
}

/** Rows that were found to prove nothing; past this many the oldest are looked at again. */
const REFUSED_KEPT_MAX = 10_000

/** Opens the lives. Each is read forward once; a look that finds nothing new costs one probe of an index. */
export function openProviderLives(parts: LivesParts): ProviderLives {
  const { db, log, decisions } = parts
  const known = new Map<number, ProviderLife>()
  const complained = new Set<string>()

  function complain(what: string, detail: string): void {
    if (complained.has(what)) return
    if (complained.size >= REFUSED_KEPT_MAX) complained.clear()
    complained.add(what)
    log.error({ 'provider.row': what }, `nothing verified bears out a row about a provider: ${detail}`)
  }

  async function fold(source: Kysely<RootTables>, code: number): Promise<ProviderLife | undefined> {
    let life = known.get(code)
    for (const stored of await readEntriesAfter(source, code, life?.head.seq ?? 0)) {
      const next = await follow(stored, code, life)
      if (typeof next === 'string') complain(`entry ${stored.hash}`, next)
      else life = next
    }
    return life
  }

  async function follow(
    stored: StoredEntry,
    code: number,
    life: ProviderLife | undefined,
  ): Promise<ProviderLife | string> {
    const verified = await verifyProviderEntry(stored.jws, parts.federationKeys())
    if (verified.kind === 'rejected') return `${verified.reason}: ${verified.detail}`
    const entry = verified.claims
    const misplaced = await whyMisplaced(entry, { code, life, parts })
    if (misplaced !== undefined) return misplaced
    const step = await readCause(entry, { code, life, decision: await findDecision(entry) })
    if ('uncaused' in step) return step.uncaused
    const judgement = judgeStep(life, step)
    if (judgement.kind === 'refuse') return judgement.detail
    const { seq, iat: at, decision } = entry
    return applyStep(life, step, { seq, at, decision, entry: await recordHash(stored.jws) })
  }

  async function findDecision({ act, decision: hash }: ProviderEntry): Promise<VerifiedDecision | undefined> {
    if (hash === undefined) return undefined
    return (await decisions.verified([kindOfAct(act)])).find((each) => each.hash === hash)
  }

  async function find(code: number, source: Kysely<RootTables>): Promise<ProviderLife | undefined> {
    const life = await fold(source, code)
    const before = known.get(code)
    if (life !== undefined && (before === undefined || before.head.seq < life.head.seq)) known.set(code, life)
    return life
  }

  async function findProven(
    code: number,
    source: Kysely<RootTables> = db,
  ): Promise<ProviderLife | undefined> {
    const life = await find(code, source)
    if (life !== undefined) return life
    if (!(await isProviderRow(source, code))) return undefined
    complain(`provider ${formatSegment(code)}`, 'it has no life')
    throw unproven(`provider ${formatSegment(code)}`)
  }

  return {
    find: findProven,
    async demand(code) {
      const life = await findProven(code)
      if (life !== undefined) return life
      throw new RegistryError('entity-unknown', `No provider was ever assigned ${formatSegment(code)}`)
    },
    async findByEntity(entityId) {
      const code = await readCodeOfEntity(db, entityId)
      if (code === undefined) return undefined
      const life = await findProven(code)
      if (life !== undefined && entitiesOf(life).includes(entityId)) return life
      complain(`entity ${entityId}`, `it is not the provider ${formatSegment(code)}`)
      throw unproven(`entity ${entityId}`)
    },
    async all(source = db) {
      const lives: ProviderLife[] = []
      for (const { code, seq } of await readNewestEntries(source)) {
        const before = known.get(code)
        const life = before !== undefined && before.head.seq >= seq ? before : await find(code, source)
        if (life === undefined) complain(`provider ${formatSegment(code)}`, 'it has no life')
        else lives.push(life)
      }
      return lives
    },
    within: async (tx, code) => await fold(tx, code),
  }
}

/** Every entity that is or was a provider. */
export function entitiesOf(life: ProviderLife): readonly string[] {
  return [life.foundedAs, life.entityId, ...life.predecessors.map((each) => each.entity_id)]
}

/** The code prefix of a provider. */
export function prefixOf(prefix: RootPrefix, code: number): string {
  return buildProviderPrefix({ prefix, provider: asProviderNumber(code) }).text
}

/** Why an entry does not stand where it was found, or undefined where it does. */
async function whyMisplaced(
  entry: ProviderEntry,
  { code, life, parts }: { code: number; life: ProviderLife | undefined; parts: LivesParts },
): Promise<string | undefined> {
  if (entry.iss !== parts.entityId) return `it is of ${entry.iss}`
  if (entry.sub !== prefixOf(parts.prefix, code)) return `it is about ${entry.sub}`
  const follows = entry.seq === (life?.head.seq ?? 0) + 1 && entry.prev === (life?.head.hash ?? null)
  if (!follows) return 'it does not follow the entry before it'
  const isRepeated =
    entry.decision !== undefined &&
    life?.transitions.some(({ decision }) => decision === entry.decision) === true
  return isRepeated ? 'its decision was carried out before' : undefined
}

function unproven(what: string): RegistryError {
  return new RegistryError('decision-unproven', `No verified act bears out the row about ${what}`)
}
