import type { DecidingParts } from '@arc3088/issuer'

import type { RootDeps } from '../deps.ts'

/** What deciding takes at this root: the officers are those whom the book of decisions proves. */
export function decidingParts({ node, decisions }: RootDeps): DecidingParts {
  const { ambient, entityId } = node
  return { ambient, entityId, currentSet: () => decisions.currentSet() }
}
