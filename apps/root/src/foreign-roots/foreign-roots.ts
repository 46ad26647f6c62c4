import type { DecisionBook } from '@arc3088/issuer'
import { judgeOwnLog } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  rootKeySetHash,
  timeFault,
  verifyEntityConfiguration,
  type EntityConfiguration,
  type LogMetadata,
  type PublicJwk,
  type VerifiedRootKeySet,
} from '@arc3088/records'
import { numericDate, type Ambient, type Log, type OutboundDoor } from '@arc3088/service'
import type { Kysely } from 'kysely'

import { decidedSoFar } from '../acts/decided-so-far.ts'
import type { RootTables } from '../db/tables.ts'
import { findForeignLogKey } from '../providers/foreign-log-key.store.ts'
import { fetchConfiguration, fetchKeySets } from './fetch-foreign-root.ts'
import { foldPins, PIN_FOREIGN_ROOT, UNPIN_FOREIGN_ROOT, type ForeignRoot } from './foreign-root.ts'
import { insertKeySet, readConfiguration, readKeySets, writeConfiguration } from './foreign-root.store.ts'
import { everyFederationKey, newestOf, walkSuccession, type Succession } from './key-succession.ts'

/** What knowing other roots takes. */
export interface ForeignRootParts {
  readonly db: Kysely<RootTables>
  readonly decisions: Pick<DecisionBook, 'verified'>
  readonly ambient: Pick<Ambient, 'now'>
  readonly log: Log
  readonly door: OutboundDoor
}

/** The other roots that officers pinned, and what these say of themselves: pinned keys first, the network after. */
export interface ForeignRoots {
  /** Every root that was ever pinned, by entity identifier. */
  all(): Promise<ReadonlyMap<string, ForeignRoot>>
  /** Throws `foreign-root-unknown` unless the root is pinned now. */
  demandPinned(entityId: string): Promise<ForeignRoot>
  /** The key sets from the pinned one on, as far as they are known. */
  succession(root: ForeignRoot): Promise<Succession>
  /** The keys that it signs with now; asked of the root again where none of them is `kid`. */
  currentKeys(root: ForeignRoot, kid?: string): Promise<readonly PublicJwk[]>
  /** Every federation key that it ever had, as far as is known; none of a root that was never pinned. */
  everyKey(entityId: string): Promise<readonly PublicJwk[]>
  /** Every key set that is known of it, also from pins that a later one replaced. */
  everySet(root: ForeignRoot): Promise<readonly VerifiedRootKeySet[]>
  /** What it says of itself, verified; undefined while it could not be fetched or is out of date. */
  configuration(root: ForeignRoot): Promise<EntityConfiguration | undefined>
  /** Its own log, by its configuration; undefined where it names none that can be its own. */
  logOf(root: ForeignRoot): Promise<LogMetadata | undefined>
  /** Fetches key sets and configuration of a pinned root. @throws RegistryError `upstream-*`. */
  refresh(root: ForeignRoot): Promise<void>
}

/** A caller that names an unknown key makes this root ask its namesake so often at most. */
const ASK_AGAIN_MILLISECONDS = 10_000

/** Opens the book of other roots over decisions, database and the guarded door. */
export function openForeignRoots(parts: ForeignRootParts): ForeignRoots {
  const { db, decisions, ambient, log, door } = parts
  const askedAt = new Map<string, number>()
  const walked = new Map<string, { known: string; sets: Succession }>()

  async function all(): Promise<ReadonlyMap<string, ForeignRoot>> {
    return foldPins(await decidedSoFar(decisions, [PIN_FOREIGN_ROOT, UNPIN_FOREIGN_ROOT]))
  }

  async function succession(root: ForeignRoot): Promise<Succession> {
    const stored = await readKeySets(db, root.entityId)
    const known = [await rootKeySetHash(root.rootKeys), ...stored.map(({ hash }) => hash)].join(' ')
    const kept = walked.get(root.entityId)
    if (kept?.known === known) return kept.sets
    const walk = await walkSuccession(
      root.rootKeys,
      stored.map(({ jws }) => jws),
    )
    if (walk === undefined) throw new Error(`the key set that was pinned of ${root.entityId} is not sound`)
    if (walk.broken !== undefined) log.error({ 'entity.id': root.entityId }, walk.broken)
    walked.set(root.entityId, { known, sets: walk.sets })
    return walk.sets
  }

  async function configuration(root: ForeignRoot): Promise<EntityConfiguration | undefined> {
    const text = await readConfiguration(db, root.entityId)
    return text === undefined ? undefined : await verifyOf(root, text)
  }

  async function verifyOf(root: ForeignRoot, text: string): Promise<EntityConfiguration | undefined> {
    const { federation } = newestOf(await succession(root)).claims.keys
    const verified = await verifyEntityConfiguration(text, federation)
    if (verified.kind === 'rejected' || verified.claims.iss !== root.entityId) return undefined
    return timeFault(verified.claims, numericDate(ambient.now())) === undefined ? verified.claims : undefined
  }

  async function refresh(root: ForeignRoot): Promise<void> {
    askedAt.set(root.entityId, ambient.now().getTime())
    const known = await succession(root)
    const walk = await walkSuccession(newestOf(known).jws, await fetchKeySets(door, root.entityId))
    for (const { jws, claims } of walk?.sets.slice(1) ?? []) {
      const set = { hash: await rootKeySetHash(jws), seq: claims.seq, jws }
      await insertKeySet(db, root.entityId, set, ambient.now())
    }
    const text = await fetchConfiguration(door, root.entityId)
    if ((await verifyOf(root, text)) === undefined)
      throw new RegistryError('upstream-unreachable', `The configuration of ${root.entityId} does not verify`)
    await writeConfiguration(db, root.entityId, text, ambient.now())
  }

  return {
    all,
    succession,
    configuration,
    refresh,
    async demandPinned(entityId) {
      const root = (await all()).get(entityId)
      if (root?.pinned !== true)
        throw new RegistryError('foreign-root-unknown', `${entityId} is no root that is pinned here`)
      return root
    },
    async currentKeys(root, kid) {
      const current = async () => {
        const { claims } = newestOf(await succession(root))
        return timeFault(claims, numericDate(ambient.now())) === undefined ? claims.keys.federation : []
      }
      const keys = await current()
      const isKnown = kid === undefined ? keys.length > 0 : keys.some((key) => key.kid === kid)
      const lastAsked = askedAt.get(root.entityId) ?? -ASK_AGAIN_MILLISECONDS
      if (isKnown || ambient.now().getTime() - lastAsked < ASK_AGAIN_MILLISECONDS) return keys
      await refresh(root).catch((error: unknown) => {
        if (!(error instanceof RegistryError)) throw error
        log.debug({ err: error, 'entity.id': root.entityId }, 'a pinned root could not be asked for its keys')
      })
      return await current()
    },
    async everyKey(entityId) {
      const root = (await all()).get(entityId)
      return root === undefined ? [] : (await everySet(root)).flatMap(({ claims }) => claims.keys.federation)
    },
    everySet,
    async logOf(root) {
      const own = (await configuration(root))?.metadata.agent_code_root?.tlog
      if (own === undefined) return undefined
      const keys = await successionKeys(root)
      if (judgeOwnLog(root.entityId, own, keys).kind !== 'own') return undefined
      return (await findForeignLogKey(db, root.entityId, own)) === undefined ? own : undefined
    },
  }

  async function everySet(root: ForeignRoot): Promise<readonly VerifiedRootKeySet[]> {
    const stored = (await readKeySets(db, root.entityId)).map(({ jws }) => jws)
    const walks = await Promise.all(root.earlierPins.map((pin) => walkSuccession(pin, stored)))
    return [...walks.flatMap((walk) => walk?.sets ?? []), ...(await succession(root))]
  }

  async function successionKeys(root: ForeignRoot): Promise<readonly PublicJwk[]> {
    return everyFederationKey(await succession(root))
  }
}
