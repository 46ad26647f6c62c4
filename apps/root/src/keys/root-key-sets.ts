import {
  parseStrictJson,
  rootKeySetHash,
  StrictJsonError,
  timeFault,
  verifyRootKeySet,
  type RootKeySet,
  type RootKeySetJws,
  type VerifiedRootKeySet,
} from '@arc3088/records'
import { ConfigError } from '@arc3088/service'
import { z } from 'zod'

/** The published key sets of a root, and what the newest says. */
export interface RootKeySets {
  readonly published: readonly RootKeySetJws[]
  /** The hash of each, in the same order. */
  readonly hashes: readonly string[]
  readonly newest: RootKeySet
}

/**
 * Refuses a newest key set that does not name the federation key in use: nobody could verify a thing that it signs.
 * Throws ConfigError.
 */
export function demandNamedFederationKey({ newest }: RootKeySets, kid: string): void {
  if (!newest.keys.federation.some((key) => key.kid === kid))
    throw fault(`set ${newest.seq} does not name the federation key in use, ${kid}`)
}

/** Refuses a newest key set whose time has not come, or is over. Throws ConfigError. */
export function demandInForce({ newest }: RootKeySets, at: number): void {
  const wrong = timeFault({ nbf: newest.nbf, exp: newest.exp }, at)
  if (wrong !== undefined) throw fault(`set ${newest.seq} is ${wrong}: it holds ${spanOf(newest)}`)
}

/** From when to when a key set holds, for people. */
function spanOf({ nbf, exp }: RootKeySet): string {
  return [nbf, exp].map((at) => new Date(at * 1000).toISOString()).join(' to ')
}

/**
 * Reads the signed key sets (wire-format W1) and walks them from the first to the newest. Throws ConfigError for a
 * broken walk, or another root's keys.
 */
export async function walkRootKeySets(text: string, entityId: string): Promise<RootKeySets> {
  return await walkKeySets(parseKeySets(text), entityId)
}

/** As {@link walkRootKeySets}, from values that were read already. */
export async function walkKeySets(values: readonly unknown[], entityId: string): Promise<RootKeySets> {
  let newest: VerifiedRootKeySet | undefined
  const published: RootKeySetJws[] = []
  for (const value of values) {
    const verified: Awaited<ReturnType<typeof verifyRootKeySet>> = await verifyRootKeySet(value, newest)
    if (verified.kind === 'rejected')
      throw fault(`set ${published.length + 1}: ${verified.reason}: ${verified.detail}`)
    if (newest === undefined && verified.claims.seq !== 1) throw fault('does not begin with set 1')
    newest = verified
    published.push(verified.jws)
  }
  if (newest === undefined) throw fault('holds no key set')
  if (newest.claims.iss !== entityId) throw fault(`is of ${newest.claims.iss}, and this node is ${entityId}`)
  return { published, hashes: await Promise.all(published.map(rootKeySetHash)), newest: newest.claims }
}

function parseKeySets(text: string): readonly unknown[] {
  try {
    const values = z.array(z.unknown()).min(1).safeParse(parseStrictJson(text))
    if (values.success) return values.data
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error
  }
  throw fault('is not a JSON array of signed key sets')
}

/** What is wrong with the key sets. */
export function fault(why: string): ConfigError {
  return new ConfigError([`ROOT_KEY_SETS_FILE: ${why}`])
}
