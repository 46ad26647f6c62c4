import { RegistryError } from '@arc3088/problems'
import type { KeyPurpose, KeyRing, NodeKeyPurpose, PublicJwk, Signer } from '@arc3088/records'
import { ConfigError, repeat, type Log } from '@arc3088/service'

import { adoptFirstKeys, type FirstKeysDoor } from './adopt-first-keys.ts'
import { loadKey, type KeyDrivers } from './key-driver.ts'
import type { KeyParts } from './key-parts.ts'
import { isPublished, type KeyState, type NodeKey } from './key.ts'
import { readKeys } from './key.store.ts'

/** A key ring that follows the database: a step taken by any process of the node shows in every other. */
export interface LiveKeyRing extends KeyRing {
  /**
   * The key that signs now; ask for it at each signature, since it changes while the node runs. Throws
   * `key-unavailable` where there is none, as after a compromise before its successor is active.
   */
  active(purpose: KeyPurpose): Signer
  /** The keys of a purpose that verifiers may meet: the active one first; see `isPublished`. */
  published(purpose: KeyPurpose): readonly PublicJwk[]
  /** Reads the keys again now. */
  refresh(): Promise<void>
  stop(): Promise<void>
}

/** How soon a step taken elsewhere shows here. */
const REFRESH_MILLISECONDS = 1000

const PUBLISHED_ORDER: readonly KeyState[] = ['active', 'announced', 'outgoing', 'retired']

interface Snapshot {
  readonly active: ReadonlyMap<KeyPurpose, Signer>
  readonly published: ReadonlyMap<KeyPurpose, readonly PublicJwk[]>
}

/**
 * Opens the keys of a node: takes first keys into use, loads what signs, and follows the database until it is
 * stopped. Throws ConfigError naming the key that is missing or unusable, or that serves two purposes.
 */
export async function openKeyRing(
  parts: KeyParts & FirstKeysDoor & { readonly purposes: readonly NodeKeyPurpose[]; readonly log: Log },
): Promise<LiveKeyRing> {
  const { db, drivers, purposes, log } = parts
  await adoptFirstKeys(parts, purposes)
  const loaded = new Map<string, Signer>()
  let snapshot = await takeSnapshot(await readKeys(db), drivers, loaded, (fault) => {
    throw fault
  })
  async function refresh(): Promise<void> {
    const faults: Error[] = []
    snapshot = await takeSnapshot(await readKeys(db), drivers, loaded, (fault) => faults.push(fault))
    if (faults.length > 0) throw new AggregateError(faults, faults.map(({ message }) => message).join('; '))
  }

  // A database that is away changes no key; what is known goes on to sign until it is back.
  const refreshing = repeat(refresh, {
    milliseconds: REFRESH_MILLISECONDS,
    onFault: (error) => log.error({ err: error }, 'the keys of this node'),
  })
  return {
    active(purpose) {
      const signer = snapshot.active.get(purpose)
      if (signer === undefined)
        throw new RegistryError('key-unavailable', `There is no ${purpose} key in use`)
      return signer
    },
    published: (purpose) => snapshot.published.get(purpose) ?? [],
    refresh,
    stop: refreshing.stop,
  }
}

async function takeSnapshot(
  keys: readonly NodeKey[],
  drivers: KeyDrivers,
  loaded: Map<string, Signer>,
  onFault: (fault: Error) => void,
): Promise<Snapshot> {
  const active = new Map<KeyPurpose, Signer>()
  const published = new Map<KeyPurpose, PublicJwk[]>()
  for (const state of PUBLISHED_ORDER) {
    for (const key of keys.filter((each) => each.state === state && isPublished(each))) {
      published.set(key.purpose, [...(published.get(key.purpose) ?? []), key.jwk])
      if (state !== 'active') continue
      try {
        active.set(key.purpose, await loadNamed(key, drivers, loaded))
      } catch (error) {
        onFault(asError(error))
      }
    }
  }
  return { active, published }
}

/** Loads a key once, and demands that it is the one that the database names. */
async function loadNamed(key: NodeKey, drivers: KeyDrivers, loaded: Map<string, Signer>): Promise<Signer> {
  const known = loaded.get(key.kid)
  if (known !== undefined) return known
  const signer = await loadKey(drivers, key.ref)
  if (signer.kid !== key.kid) {
    throw new ConfigError([
      `KEYS_DIR: ${key.ref} is key ${signer.kid}, and this node's ${key.purpose} key is ${key.kid}; a key is changed by keys:announce and keys:activate`,
    ])
  }
  loaded.set(key.kid, signer)
  return signer
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
