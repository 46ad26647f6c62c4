import fc from 'fast-check'

type Path = readonly (string | number)[]

/** What JSON can hold and programs forget: what SQL does not store, what UTF-8 cannot say, what is longer than expected. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e21,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '__proto__',
  '\u202e',
  '龘'.repeat(3000),
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:60Z',
  'http://127.0.0.1:1/',
  'https://user:secret@[::ffff:10.0.0.1]/',
  "'; drop table x; --",
  [],
  [[]],
  {},
  { '\u0000': '\u0000' },
]

const TWICE = '\u0001twice:'

/** JSON texts that are one step from a good body: a member changed, left out, added or said twice; or the body as it is. */
export function spoiltJson(body: unknown): fc.Arbitrary<string> {
  const [whole = [], ...parts] = pathsOf(body)
  const places = parts.length === 0 ? [whole] : parts
  const way = fc.constantFrom('keep', 'keep', 'change', 'change', 'remove', 'add', 'twice')
  return fc
    .tuple(way, fc.constantFrom(...places), fc.oneof(fc.constantFrom(...ODD_VALUES), fc.jsonValue()))
    .map(([how, path, odd]) =>
      write(how === 'keep' ? body : change(body, how === 'add' ? path.slice(0, -1) : path, how, odd)),
    )
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [path, ...members.flatMap(([name, inner]) => pathsOf(inner, [...path, name]))]
}

function change(value: unknown, [name, ...rest]: Path, how: string, odd: unknown): unknown {
  if (name === undefined) return how === 'add' && isRecord(value) ? { ...value, 'unknown member': odd } : odd
  if (Array.isArray(value)) {
    if (rest.length === 0 && how === 'remove') return value.toSpliced(Number(name), 1)
    if (rest.length === 0 && how === 'twice') return value.toSpliced(Number(name), 0, value[Number(name)])
    return value.with(Number(name), change(value[Number(name)], rest, how, odd))
  }
  if (!isRecord(value)) return odd
  if (rest.length === 0 && how === 'remove')
    return Object.fromEntries(Object.entries(value).filter(([member]) => member !== name))
  if (rest.length === 0 && how === 'twice') return { ...value, [`${TWICE}${name}`]: odd }
  return { ...value, [name]: change(value[name], rest, how, odd) }
}

function isRecord(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Here alone a name can stand twice in an object. */
function write(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replaceAll(JSON.stringify(TWICE).slice(1, -1), '')
}
