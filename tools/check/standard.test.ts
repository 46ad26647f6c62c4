import { join } from 'node:path'

import { expect, test } from 'vitest'

import { fixtures } from './boundaries.ts'
import { checkStandard } from './standard.ts'

const wrong = await checkStandard(join(fixtures, 'wrong-standard'))

test.each([
  ['C-02: src/gone.md does not exist'],
  ['C-03: is done and names no test'],
  ['C-04: src/here.md has no test "a name that does not"'],
  ['C-05: "finished" is none of done, part, later'],
  ['C-06: is later and names a test'],
  ['C-07: has 2 rows'],
  ['M-01: has 0 rows'],
  ['Z-01: is no requirement'],
])('finds that %s', (fault) => {
  expect(wrong.code).toBe(1)
  expect(wrong.output.split('\n')).toContain(fault)
})

test('has nothing against a row that is right', () => {
  expect(wrong.output).not.toMatch(/^C-01/m)
})
