import type { RootKeySet } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import type { ForeignRoot } from './foreign-root.ts'
import { newestOf } from './key-succession.ts'

/** Another root with what is known of its keys and its log. */
export interface ForeignRootStanding {
  readonly root: ForeignRoot
  readonly keySet: RootKeySet
  readonly origin: string | undefined
}

/** Reads every root that was ever pinned, by entity identifier. */
export async function readForeignRoots({
  foreignRoots,
}: Pick<RootDeps, 'foreignRoots'>): Promise<ForeignRootStanding[]> {
  const roots = [...(await foreignRoots.all()).values()].toSorted((a, b) =>
    a.entityId < b.entityId ? -1 : 1,
  )
  return await Promise.all(
    roots.map(async (root) => ({
      root,
      keySet: newestOf(await foreignRoots.succession(root)).claims,
      origin: (await foreignRoots.logOf(root))?.origin,
    })),
  )
}
