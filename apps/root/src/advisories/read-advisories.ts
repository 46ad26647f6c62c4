import { readSubject, type Subject } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import { ADVISORIES_A_PAGE, isAffected, type AdvisoryEntry } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import { demandPage, paged } from '../lists/list-chain.ts'
import { ADVISORIES_PATH } from './advisory-list.ts'
import { uuidOf } from './advisory.ts'
import { knownPrefixes } from './known-prefixes.ts'

/** A page of the list as people read it. */
export interface AdvisoryPage {
  readonly seq: number
  readonly digest: string
  readonly page: number
  readonly pages: number
  readonly items: readonly (AdvisoryEntry & { readonly uri: string })[]
}

/** Reads a page of the advisories, or of those that touch one code, in the order of their first publication. */
export async function readAdvisoryPage(
  deps: RootDeps,
  { page, code }: { page: number; code: string | undefined },
): Promise<AdvisoryPage> {
  const { seq, digest, entries } = await deps.lists.advisories.standing()
  const subject = code === undefined ? undefined : await readAskedSubject(deps, code)
  const wanted =
    subject === undefined ? entries : entries.filter(({ affected }) => isAffected(affected, subject))
  const pages = paged(wanted, ADVISORIES_A_PAGE)
  const items = demandPage(pages, page)
  return { seq, digest, page, pages: pages.length, items: items.map((entry) => withUri(deps, entry)) }
}

/** An entry with the address of the document itself. */
export function withUri(
  { node }: Pick<RootDeps, 'node'>,
  entry: AdvisoryEntry,
): AdvisoryEntry & { uri: string } {
  return { ...entry, uri: `${node.entityId}${ADVISORIES_PATH}/${uuidOf(entry.id)}` }
}

async function readAskedSubject(deps: RootDeps, text: string): Promise<Subject> {
  const subject = readSubject(text, { prefixes: await knownPrefixes(deps) })
  if (subject.kind !== 'malformed') return subject
  const { reason, segment, offset, clause } = subject
  throw new RegistryError('code-malformed', `${segment}: ${reason}`, {
    extra: { reason, segment, offset, clause },
  })
}
