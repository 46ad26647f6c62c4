import type { PublicJwk, RootKeySet } from '@arc3088/records'
import { encodeBase64url } from '@arc3088/records'

import type { Authorities } from './authority.ts'
import type { Finding } from './findings.ts'
import { broken } from './findings.ts'
import type { FormerKeys } from './former-keys.ts'
import { logKeysOf } from './trusted-log.ts'

/** A key's own bits: two names for one key are one key. An EC key's x says enough, its y being one of two. */
function materialOf({ crv, x }: Pick<PublicJwk, 'crv' | 'x'>): string {
  return `${crv} ${x}`
}

/**
 * Purposes never share a key (wire format, Keys): whoever holds one could otherwise act as another. Looks at every key
 * of key set, chain, logs and witnesses, and at those that the histories say were used before.
 */
export function sharedKeyFault(
  pinned: RootKeySet,
  authorities: Authorities,
  histories: readonly FormerKeys[] = [],
): Finding | undefined {
  const { root, provider, grant } = authorities
  const listed: readonly (readonly [string, readonly Pick<PublicJwk, 'crv' | 'x'>[]])[] = [
    ['root', pinned.root_keys],
    ['federation', pinned.keys.federation],
    ['federation', root?.federationKeys ?? []],
    ['federation', grant?.statement.jwks.keys ?? []],
    ['federation', provider?.federationKeys ?? []],
    ['issuing', root?.issuingKeys ?? []],
    ['issuing', provider?.issuingKeys ?? []],
    ['status', root?.statusKeys ?? []],
    ['status', provider?.statusKeys ?? []],
    [
      'tlog',
      logKeysOf(authorities).map(({ publicKey }) => ({ crv: 'Ed25519', x: encodeBase64url(publicKey) })),
    ],
    ...histories.flatMap(({ keys }) => keys.map((key) => [key.purpose, [key]] as const)),
  ]
  const purposeOf = new Map<string, string>()
  for (const [purpose, keys] of listed) {
    for (const key of keys) {
      const material = materialOf(key)
      const other = purposeOf.get(material)
      if (other !== undefined && other !== purpose) {
        const detail = `key ${key.x} is listed for ${other} and for ${purpose}`
        return broken('key-under-two-purposes', detail, pinned.iss)
      }
      purposeOf.set(material, purpose)
    }
  }
  return undefined
}
