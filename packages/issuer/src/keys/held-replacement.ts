import type { Signer } from '@arc3088/records'

import { loadKey, type KeyDrivers } from './key-driver.ts'
import type { KeyParts } from './key-parts.ts'
import { readKeys } from './key.store.ts'
import { readReplacements, type KeyReplacement } from './key-replacement.store.ts'

/** A prepared key whose private half this node holds: what it is, is told by that half and not by the row. */
export interface HeldReplacement extends KeyReplacement {
  readonly signer: Signer
  /** Whether it has come into use. */
  readonly isUsed: boolean
}

/**
 * The replacements that may still be taken into use, newest first; the newest of all also where it was. Passed over, with a
 * word to `onFault`, is a row that this node's commands did not write, or that is of no use: it names another key than the one
 * it refers to, one that is not here, or one that came into use otherwise.
 */
export async function readHeldReplacements(
  parts: Pick<KeyParts, 'db' | 'drivers' | 'onFault'>,
): Promise<readonly HeldReplacement[]> {
  const rows = await readReplacements(parts.db)
  if (rows.length === 0) return []
  const used = new Map((await readKeys(parts.db)).map(({ kid, announcedAt }) => [kid, announcedAt.getTime()]))
  const load = loadOnce(parts.drivers)
  const held: HeldReplacement[] = []
  for (const row of rows) {
    const usedAt = used.get(row.kid)
    const isUsed = usedAt !== undefined
    if (isUsed && usedAt !== row.preparedAt.getTime()) {
      parts.onFault?.(passedOver(row, 'it is a key of this node that nobody prepared'))
      continue
    }
    if (isUsed && held.length > 0) continue
    const loaded = await load(row.ref)
    if (loaded instanceof Error) parts.onFault?.(passedOver(row, loaded.message))
    else if (loaded.kid !== row.kid) parts.onFault?.(passedOver(row, `${row.ref} is key ${loaded.kid}`))
    else held.push({ ...row, jwk: loaded.publicJwk, signer: loaded, isUsed })
  }
  return held
}

/** Loads each key once, however many rows refer to it: to open a sealed one takes its time. */
function loadOnce(drivers: KeyDrivers): (ref: string) => Promise<Signer | Error> {
  const loaded = new Map<string, Signer | Error>()
  return async (ref) => {
    const known = loaded.get(ref)
    if (known !== undefined) return known
    const fresh = await loadKey(drivers, ref).catch((cause: unknown) =>
      cause instanceof Error ? cause : new Error(String(cause)),
    )
    loaded.set(ref, fresh)
    return fresh
  }
}

function passedOver({ kid }: KeyReplacement, why: string): string {
  return `passed over: the database names ${kid} as a prepared key, and it is not taken: ${why}`
}
