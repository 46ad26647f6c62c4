import type { RootPrefix } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { issuerTables, readReplays, type Replay } from './assignment.store.ts'
import { subjectOf } from './code-key.ts'
import type { Outcome, Submission } from './tier.ts'

/**
 * Finds which submissions were made before under the same key, and what they got: by their place in `submissions`.
 * A key that stood for another request is a refusal. `keyHashes` are their `idempotencyHash`es.
 */
export async function replayEarlier<Tables extends IssuerTables>(
  tx: Transaction<Tables>,
  prefix: RootPrefix,
  submissions: readonly Submission<unknown>[],
  keyHashes: readonly Uint8Array[],
): Promise<Map<number, Outcome>> {
  const scopes = submissions.map((submission) => submission.scopeRequester)
  const replays = await readReplays(issuerTables(tx), scopes, keyHashes)
  return new Map(
    replays.map((replay) => [replay.nth, replayOutcome(replay, submissions[replay.nth], prefix)]),
  )
}

function replayOutcome(
  replay: Replay,
  submission: Submission<unknown> | undefined,
  prefix: RootPrefix,
): Outcome {
  if (submission === undefined || !Buffer.from(replay.bodyHash).equals(submission.idempotency.bodyHash)) {
    return { kind: 'refused', error: keyReused() }
  }
  return { kind: 'assigned', subject: subjectOf(replay.key, prefix), record: replay.jws, replayed: true }
}

/** The refusal of a key that was used for another request. */
export function keyReused(): RegistryError {
  return new RegistryError('idempotency-key-reused', 'This Idempotency-Key stands for another request')
}

/**
 * True when a statement failed because the same Idempotency-Key was committed by another process meanwhile.
 * The table is partitioned, so PostgreSQL names the partition's index.
 */
export function isIdempotencyRace(error: unknown): boolean {
  return (
    error instanceof Error &&
    'constraint' in error &&
    typeof error.constraint === 'string' &&
    /^idempotency_(\d+_)?pkey$/.test(error.constraint)
  )
}
