import { directoryHash, directoryPageDigest, directoryDigest, type DirectoryEntry } from '@arc3088/records'
import { expect, test } from 'vitest'

import { DIRECTORY_PAGE_ENTRIES, firstDirectory, nextDirectory } from './directory.ts'

const entry = (code: number, state: DirectoryEntry['state'] = 'active'): DirectoryEntry => ({
  code: String(code),
  code_prefix: `1.2.156.3088.1.${code}`,
  entity_id: `https://p${code}.example`,
  kind: 'domestic',
  state,
  state_since: 1,
  assignment_hash: 'h',
})

test('each directory is bound to the one before, and its number grows by one', async () => {
  const first = await firstDirectory()
  expect(first).toMatchObject({ seq: 1, prev: null, pages: [[]] })
  const second = await nextDirectory(first, entry(1))
  const third = await nextDirectory(second, entry(1, 'suspended'))
  expect([second.seq, third.seq, third.prev]).toEqual([2, 3, second.hash])
  expect(third.pages).toEqual([[entry(1, 'suspended')]])
  expect(second.prev).toBe(await directoryHash(first))
  expect(third.digest).toBe(await directoryDigest([await directoryPageDigest(third.pages[0] ?? [])]))
})

test('a full page stays as it is while others are added, so that whoever keeps it keeps it', async () => {
  let directory = await firstDirectory()
  for (let code = 1; code <= DIRECTORY_PAGE_ENTRIES; code += 1)
    directory = await nextDirectory(directory, entry(code))
  expect(directory.pages).toHaveLength(1)
  const next = await nextDirectory(directory, entry(DIRECTORY_PAGE_ENTRIES + 1))
  expect(next.pages.map((page) => page.length)).toEqual([DIRECTORY_PAGE_ENTRIES, 1])
  expect(next.pageDigests[0]).toBe(directory.pageDigests[0])
  const changed = await nextDirectory(next, entry(3, 'retired'))
  expect(changed.pages[0]?.[2]?.state).toBe('retired')
  expect(changed.pageDigests[1]).toBe(next.pageDigests[1])
})
