import { formatSegment, type RootPrefix } from '@arc3088/codec'
import {
  DIRECTORY_PAGE_ENTRIES_MAX,
  directoryDigest,
  directoryHash,
  directoryPageDigest,
  type DirectoryEntry,
  type DirectoryPage,
  type ProviderAct,
} from '@arc3088/records'

import type { ProviderLife, Transition } from './provider-life.ts'
import { prefixOf } from './provider-lives.ts'

/** Entries of one page: half of what a reader takes at most. */
export const DIRECTORY_PAGE_ENTRIES = DIRECTORY_PAGE_ENTRIES_MAX / 2

type PageDigest = Awaited<ReturnType<typeof directoryPageDigest>>

/** The directory at one point of its history (wire-format W10). */
export interface Directory {
  readonly seq: number
  readonly prev: string | null
  /** Digest of all page digests. */
  readonly digest: DirectoryPage['digest']
  /** Identity in the next one's `prev`, and in the log. */
  readonly hash: string
  /** In the order of assignment, so that a page that is full changes only with the providers on it. */
  readonly pages: readonly (readonly DirectoryEntry[])[]
  readonly pageDigests: readonly PageDigest[]
}

/** Steps that the directory shows. */
const SHOWN: ReadonlySet<ProviderAct> = new Set<ProviderAct>([
  'assign',
  'adopt',
  'suspend',
  'resume',
  'retire',
])

/** True for a step after which the directory says something else. */
export function isShown({ act }: Pick<Transition, 'act'>): boolean {
  return SHOWN.has(act)
}

/** The directory before anybody was assigned: one empty page. */
export async function firstDirectory(): Promise<Directory> {
  return await directoryOf({ seq: 1, prev: null, pages: [[]], pageDigests: [await directoryPageDigest([])] })
}

/** The directory that follows: one entry is new, or in the place of that of the same provider. */
export async function nextDirectory(before: Directory, entry: DirectoryEntry): Promise<Directory> {
  const nth = before.pages.findIndex((page) => page.some(({ code }) => code === entry.code))
  const last = before.pages.length - 1
  const isRoom = (before.pages[last]?.length ?? 0) < DIRECTORY_PAGE_ENTRIES
  const place = nth === -1 ? (isRoom ? last : last + 1) : nth
  const known = before.pages[place] ?? []
  const page = nth === -1 ? [...known, entry] : known.map((each) => (each.code === entry.code ? entry : each))
  const pages = [...before.pages]
  const pageDigests = [...before.pageDigests]
  pages[place] = page
  pageDigests[place] = await directoryPageDigest(page)
  return await directoryOf({ seq: before.seq + 1, prev: before.hash, pages, pageDigests })
}

async function directoryOf(content: Omit<Directory, 'digest' | 'hash'>): Promise<Directory> {
  const digest = await directoryDigest(content.pageDigests)
  return { ...content, digest, hash: await directoryHash({ ...content, digest }) }
}

/** What the directory says of a provider from one of its steps on. */
export function directoryEntryOf(
  prefix: RootPrefix,
  life: ProviderLife,
  { state, at, act }: Pick<Transition, 'state' | 'at' | 'act'>,
): DirectoryEntry {
  return {
    code: formatSegment(life.code),
    code_prefix: prefixOf(prefix, life.code),
    entity_id: life.foundedAs,
    kind: life.kind,
    state,
    state_since: act === 'adopt' ? life.assignedAt : at,
    assignment_hash: life.record.hash,
  }
}
