import type { NodeKeyPurpose, Signer } from '@arc3088/records'
import { ConfigError } from '@arc3088/service'

import { endorse } from './endorse.ts'
import { loadFederationSigner } from './federation-signer.ts'
import { keyFileRef } from './file-key-driver.ts'
import { loadKey } from './key-driver.ts'
import { keyFileName } from './key-files.ts'
import type { KeyParts } from './key-parts.ts'
import type { NodeKey } from './key.ts'
import { insertKey, lockKeys, readKeys } from './key.store.ts'

const ACTOR = 'node'
const REASON = 'found in KEYS_DIR at the first start'

/** What first keys wait for. */
export interface FirstKeysDoor {
  /** Throws where the journal says that this database was put back: a node that must only read takes no keys into use. */
  readonly demandNotPutBack: () => Promise<void>
}

/**
 * Takes the key files of purposes that have no key in the database yet into use, each with an entry for the log.
 * That is the first start of a node, or the first one of a version that has a new purpose. Of many processes that
 * start at once, one does it. Throws ConfigError naming a file that is missing, or two purposes of one key.
 */
export async function adoptFirstKeys(
  parts: KeyParts & FirstKeysDoor,
  purposes: readonly NodeKeyPurpose[],
): Promise<void> {
  const { db, ambient, drivers, entityId, demandNotPutBack } = parts
  const known = await readKeys(db)
  const missing = missingAmong(purposes, known)
  if (missing.length === 0) return
  await demandNotPutBack()
  const signers = new Map<NodeKeyPurpose, Signer>()
  for (const purpose of missing)
    signers.set(purpose, await loadKey(drivers, keyFileRef(keyFileName(purpose))))
  demandOnePurposeEach(signers, known)
  await db.transaction().execute(async (tx) => {
    await lockKeys(tx)
    const current = await readKeys(tx)
    const at = ambient.now()
    const adopted = missingAmong(purposes, current).map((purpose) => asKey(signers, purpose, at))
    if (adopted.length === 0) return
    for (const key of adopted) await insertKey(tx, key)
    const signer = await loadFederationSigner([...current, ...adopted], drivers)
    for (const key of adopted) {
      const change = { key, event: 'activate', at, actor: ACTOR, reason: REASON } as const
      await endorse(tx, { ambient, entityId, signer }, change)
    }
  })
  ambient.reached('keys:adopted')
}

/** The federation key first: it signs what is said of the others. */
function missingAmong(purposes: readonly NodeKeyPurpose[], known: readonly NodeKey[]): NodeKeyPurpose[] {
  return purposes.filter((purpose) => !known.some((key) => key.purpose === purpose))
}

function demandOnePurposeEach(signers: ReadonlyMap<NodeKeyPurpose, Signer>, known: readonly NodeKey[]): void {
  const purposeOf = new Map(known.map(({ kid, purpose }) => [kid, purpose]))
  for (const [purpose, { kid }] of signers) {
    const other = purposeOf.get(kid)
    if (other !== undefined) throw new ConfigError([`KEYS_DIR: ${other} and ${purpose} are one key`])
    purposeOf.set(kid, purpose)
  }
}

function asKey(signers: ReadonlyMap<NodeKeyPurpose, Signer>, purpose: NodeKeyPurpose, at: Date): NodeKey {
  const signer = signers.get(purpose)
  if (signer === undefined) throw new Error(`The ${purpose} key was not loaded`)
  return {
    kid: signer.kid,
    purpose,
    jwk: signer.publicJwk,
    ref: keyFileRef(keyFileName(purpose)),
    state: 'active',
    announcedAt: at,
    endorsedAt: at,
    activatedAt: at,
    outgoingAt: null,
    retiredAt: null,
    finalCheckpointSize: null,
    compromisedAt: null,
  }
}
