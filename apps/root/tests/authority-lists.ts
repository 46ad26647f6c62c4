import {
  assembleList,
  MEDIA_TYPE,
  verifyAdvisoryList,
  type AdvisoryEntry,
  type CompactJws,
  type ListPage,
  type PublicJwk,
  type Verification,
  type WholeList,
} from '@arc3088/records'

import type { TestRoot } from './start-test-root.ts'

/** What an advisory says, unless a test says otherwise. */
export const WARNING = {
  kind: 'warning',
  severity: 'high',
  title: { zh: '组件缺陷', en: 'A defective part' },
  summary: { zh: '请升级', en: 'Upgrade it' },
}

/** The federation keys by which what the root signs is believed. */
export function federationKeys(root: TestRoot): PublicJwk[] {
  return [root.keys.signer('federation').publicJwk]
}

/** Reads a list whole, by its pages, as a consumer does; throws where it does not hold. */
export async function readList<Entry>(
  root: TestRoot,
  list: {
    path: string
    mediaType: string
    verify: (text: string, keys: readonly PublicJwk[]) => Promise<Verification<ListPage<Entry>>>
  },
): Promise<WholeList<Entry>> {
  const pages: ListPage<Entry>[] = []
  do {
    const response = await root.get(`${list.path}?page=${pages.length + 1}`, { accept: list.mediaType })
    const text = await response.text()
    if (response.status !== 200) throw new Error(text)
    const verified = await list.verify(text, federationKeys(root))
    if (verified.kind === 'rejected') throw new Error(`${verified.reason}: ${verified.detail}`)
    pages.push(verified.claims)
  } while (pages.length < (pages[0]?.pages ?? 0))
  const whole = await assembleList(pages)
  if ('kind' in whole) throw new Error(whole.detail)
  return whole
}

/** The advisories of a root. */
export async function readAdvisories(root: TestRoot): Promise<WholeList<AdvisoryEntry>> {
  return await readList(root, {
    path: '/v1/advisories',
    mediaType: MEDIA_TYPE.advisoryList,
    verify: verifyAdvisoryList,
  })
}

/** The bare UUID of an advisory. */
export function uuidOf(id: unknown): string {
  return String(id).replace('urn:uuid:', '')
}

/** The text of a signed document. */
export async function readSigned(root: TestRoot, path: string): Promise<CompactJws> {
  const response = await root.get(path)
  if (response.status !== 200) throw new Error(await response.text())
  return (await response.text()) as CompactJws
}
