import { expect, test } from 'vitest'

import { Description, DESCRIPTION_BYTES_MAX } from './description.ts'

/** A description of so many bytes as JSON: 17 capabilities, the first of which says as much as is left. */
function descriptionOf(bytes: number) {
  const capability = { decision_authority: 'autonomous', description: '码'.repeat(1300) }
  const rest = Array.from({ length: 16 }, (_, nth) => ({ ...capability, name: `${nth}` }))
  const build = (length: number) => ({
    name: { zh: '文献助手' },
    version: '1.0.0',
    capabilities: [{ ...capability, name: 'first', description: 'x'.repeat(length) }, ...rest],
    permissions: [],
    scenario: 'education',
  })
  return build(bytes - Buffer.byteLength(JSON.stringify(build(0))))
}

test('takes a description of 64 KiB of JSON, counted in bytes, and not one of a byte more', () => {
  expect(Description.safeParse(descriptionOf(DESCRIPTION_BYTES_MAX)).success).toBe(true)
  const { error } = Description.safeParse(descriptionOf(DESCRIPTION_BYTES_MAX + 1))
  expect(error?.issues.map(({ path, message }) => ({ path, message }))).toEqual([
    { path: [], message: 'at most 65536 bytes of JSON' },
  ])
})
