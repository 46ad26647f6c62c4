import {
  parseStrictJson,
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
  readonly newest: RootKeySet
}

/**
 * Refuses to start with a federation key that the newest key set does not name: nobody could verify a thing that it
 * signs. Throws ConfigError.
 */
export function demandNamedFederationKey({ newest }: RootKeySets, kid: string): void {
  if (!newest.keys.federation.some((key) => key.kid === kid))
    throw fault('does not name the federation key of KEYS_DIR')
}

/**
 * Reads the signed key sets (wire-format W1) and walks them from the first to the newest. Throws ConfigError for a
 * broken walk, or another root's keys.
 */
export async function walkRootKeySets(text: string, entityId: string): Promise<RootKeySets> {
  const values = z.array(z.unknown()).min(1).safeParse(parseStrictJson(text))
  if (!values.success) throw fault('is not a JSON array of signed key sets')
  let newest: VerifiedRootKeySet | undefined
  const published: RootKeySetJws[] = []
  for (const value of values.data) {
    const verified: Awaited<ReturnType<typeof verifyRootKeySet>> = await verifyRootKeySet(value, newest)
    if (verified.kind === 'rejected')
      throw fault(`set ${published.length + 1}: ${verified.reason}: ${verified.detail}`)
    newest = verified
    published.push(verified.jws)
  }
  if (newest === undefined) throw fault('holds no key set')
  if (newest.claims.iss !== entityId) throw fault(`is of ${newest.claims.iss}, and this node is ${entityId}`)
  return { published, newest: newest.claims }
}

function fault(why: string): ConfigError {
  return new ConfigError([`ROOT_KEY_SETS_FILE: ${why}`])
}
