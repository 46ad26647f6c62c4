import { expect, test } from 'vitest'

import { CONFIGURED_APPS, readVariables, tableOf, withTable } from './environment.ts'

test.each(CONFIGURED_APPS)('every variable of %s is described', async (app) => {
  const variables = await readVariables(app)
  expect(variables.map(({ name }) => name)).toContain('PORT')
  for (const { name, text } of variables) expect([name, text.length > 5]).toEqual([name, true])
})

test('a table says what is required, what a variable is by default, and escapes bars', () => {
  expect(
    tableOf([
      { name: 'A', text: 'a | b', fallback: undefined, isRequired: true },
      { name: 'B', text: 'b', fallback: '7', isRequired: false },
      { name: 'C', text: 'c', fallback: undefined, isRequired: false },
    ]),
  ).toBe(
    [
      '| variable | default | what |',
      '|---|---|---|',
      String.raw`| ${'`A`'} | required | a \| b |`,
      '| `B` | `7` | b |',
      '| `C` | – | c |',
    ].join('\n'),
  )
})

test('what stands around the marks is kept, and a file without them is refused', () => {
  const begin = '<!-- environment: made from src/config.ts by npm run generate -->'
  const text = `before\n${begin}\nold\n<!-- end of environment -->\nafter\n`
  expect(withTable(text, 'new')).toBe(`before\n${begin}\n\nnew\n\n<!-- end of environment -->\nafter\n`)
  expect(() => withTable('nothing', 'new')).toThrow('exactly one')
  expect(() => withTable(`${begin}\n`, 'new')).toThrow('exactly one')
})
