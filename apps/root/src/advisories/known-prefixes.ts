import { readRootPrefix, type RootPrefix } from '@arc3088/codec'
import { z } from 'zod'

import { decidedSoFar } from '../acts/decided-so-far.ts'
import type { RootDeps } from '../deps.ts'

const FOREIGN_ROOT_PIN = 'foreign-root:pin'
const PinnedPrefixes = z.looseObject({ code_prefixes: z.array(z.string()) })

/** This root's own prefix, and those of the overseas roots that its officers decided to know (annex B c). */
export async function knownPrefixes({ prefix, decisions }: RootDeps): Promise<RootPrefix[]> {
  const pins = await decidedSoFar(decisions, [FOREIGN_ROOT_PIN])
  const foreign = pins.flatMap(({ payload }) => {
    const pinned = PinnedPrefixes.safeParse(payload)
    return pinned.success ? pinned.data.code_prefixes.map((text) => readRootPrefix(text)) : []
  })
  return [prefix, ...foreign.filter((read): read is RootPrefix => typeof read === 'string')]
}
