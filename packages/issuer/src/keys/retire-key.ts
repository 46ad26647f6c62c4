import { setTimeout as sleep } from 'node:timers/promises'

import { RegistryError } from '@arc3088/problems'

import { findKey } from './activate-key.ts'
import { endorse } from './endorse.ts'
import { loadFederationSigner } from './federation-signer.ts'
import type { KeyActor, KeyLog, KeyParts } from './key-parts.ts'
import { judgeRetirement, KEY_SETTLE_SECONDS, type NodeKey } from './key.ts'
import { lockKeys, readKeys, readOldestQueuedAt, updateKey } from './key.store.ts'

/** How long a retirement waits for the witnesses of the log. */
const WITNESS_WAIT_SECONDS = 30
const POLL_MILLISECONDS = 200

/**
 * Ends the life of an outgoing key: at the witnessed instant, rounded up, of a checkpoint over its last record,
 * which is kept for ever (wire-format W8). Refuses with `key-too-early` while a process may still hold the key, or
 * the log has not taken its last record, or no witnessed checkpoint covers it. A key that is retired already is
 * answered as it is.
 */
export async function retireKey(
  parts: KeyParts,
  log: KeyLog,
  request: KeyActor & {
    readonly kid: string
    readonly settleSeconds?: number
    readonly waitSeconds?: number
  },
): Promise<NodeKey> {
  const { db, ambient, drivers, entityId } = parts
  const { kid, actor, reason, settleSeconds = KEY_SETTLE_SECONDS } = request
  const known = findKey(await readKeys(db), kid)
  if (known.state === 'retired') return known
  demandAllowed(known, ambient.now(), settleSeconds)
  await demandLogged(parts, known, settleSeconds)
  const size = await waitForWitness(log, request.waitSeconds ?? WITNESS_WAIT_SECONDS)
  const checkpoint = await log.keepCheckpoint()
  if (checkpoint?.witnessedAt === undefined || checkpoint.size < size) throw unwitnessed(size)
  const retiredAt = new Date(Math.ceil(checkpoint.witnessedAt.getTime() / 1000) * 1000)
  const retired = await db.transaction().execute(async (tx) => {
    await lockKeys(tx)
    const keys = await readKeys(tx)
    const key = findKey(keys, kid)
    if (key.state === 'retired') return key
    const at = ambient.now()
    demandAllowed(key, at, settleSeconds)
    const signer = await loadFederationSigner(keys, drivers)
    const step = { state: 'retired', retiredAt, finalCheckpointSize: checkpoint.size } as const
    await updateKey(tx, kid, step)
    const change = { key, event: 'retire', at, actor, reason, expiresAt: retiredAt } as const
    await endorse(tx, { ambient, entityId, signer }, change)
    return { ...key, ...step }
  })
  ambient.reached('keys:retired')
  return retired
}

function demandAllowed(key: NodeKey, now: Date, settleSeconds: number): void {
  const judgement = judgeRetirement({ key, now, settleSeconds })
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
}

/** All that was queued while the key could still sign has to be in the log. */
async function demandLogged({ db }: KeyParts, key: NodeKey, settleSeconds: number): Promise<void> {
  const settledAt = (key.outgoingAt?.getTime() ?? 0) + settleSeconds * 1000
  const oldest = await readOldestQueuedAt(db)
  if (oldest !== undefined && oldest.getTime() <= settledAt)
    throw new RegistryError('key-too-early', `The log has not taken what key ${key.kid} may have signed last`)
}

/** Waits until a witnessed checkpoint covers the log as it stands now; answers that size. */
async function waitForWitness(log: KeyLog, waitSeconds: number): Promise<number> {
  const { size } = await log.head()
  for (let waitedMs = 0; ; waitedMs += POLL_MILLISECONDS) {
    const { witnessed } = await log.head()
    if (witnessed !== undefined && witnessed.size >= size) return size
    if (waitedMs >= waitSeconds * 1000) throw unwitnessed(size)
    await sleep(POLL_MILLISECONDS)
  }
}

function unwitnessed(size: number): RegistryError {
  return new RegistryError('key-too-early', `No witnessed checkpoint covers the first ${size} entries yet`)
}
