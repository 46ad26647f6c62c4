import type { AssignBatch, Settled, Submission } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'

/**
 * Lets equal lines of one process meet, whether in one chunk, one stream or two: the first is assigned, the others get
 * what it got. Across processes the database does the same, at the price of a failed statement.
 */
export function joinEqual<Request>(assignBatch: AssignBatch<Request>): AssignBatch<Request> {
  const inFlight = new Map<
    string,
    { readonly bodyHash: Uint8Array; readonly batch: Promise<Settled[]>; readonly at: number }
  >()

  return async (submissions) => {
    const own: Submission<Request>[] = []
    const identities: string[] = []
    const { promise: batch, resolve } = Promise.withResolvers<Settled[]>()
    const places = submissions.map((submission) => {
      const identity = identityOf(submission)
      const { bodyHash } = submission.idempotency
      const earlier = inFlight.get(identity)
      if (earlier !== undefined) return { earlier, isSame: Buffer.compare(earlier.bodyHash, bodyHash) === 0 }
      const at = own.push(submission) - 1
      inFlight.set(identity, { bodyHash, batch, at })
      identities.push(identity)
      return { at }
    })
    // Before anything of another batch is waited for, so that no two batches can wait for each other.
    resolve(own.length === 0 ? [] : assignBatch(own))
    try {
      const settled = await batch
      return await Promise.all(
        places.map(async (place) => {
          if ('at' in place) return settled[place.at] ?? lost()
          if (!place.isSame) return keyReused()
          const outcome = (await place.earlier.batch)[place.earlier.at] ?? lost()
          return outcome.kind === 'assigned' ? { ...outcome, replayed: true } : outcome
        }),
      )
    } finally {
      for (const identity of identities) inFlight.delete(identity)
    }
  }
}

function identityOf({ scopeRequester, principal, idempotency }: Submission<unknown>): string {
  return `${scopeRequester} ${principal} ${Buffer.from(idempotency.keyHash).toString('latin1')}`
}

function keyReused(): Settled {
  const detail = 'This key stands for another line'
  return { kind: 'refused', error: new RegistryError('idempotency-key-reused', detail) }
}

function lost(): never {
  throw new Error('A batch was settled without one of its submissions')
}
