import type { Signer } from '@arc3088/records'

import { createStatusLists, type SignStatusList } from './status-lists.ts'

/** The lists of a process that only answers when asked; see `createStatusLists`. */
export function createStatusListSigner(
  parts: Omit<Parameters<typeof createStatusLists>[0], 'signer'> & { signer: Signer },
): SignStatusList {
  return createStatusLists({ ...parts, signer: () => parts.signer }).sign
}

export type { SignStatusList } from './status-lists.ts'
