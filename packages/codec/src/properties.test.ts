import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  asInstanceNumber,
  asOntologyNumber,
  asProviderNumber,
  asRequesterNumber,
  buildCode,
  buildProviderPrefix,
  buildRequesterPrefix,
  codeAt,
  type CodeParts,
  compareCodes,
  contains,
  createCodeBatch,
  formatSegment,
  fromAlias,
  HOME_PREFIX,
  malformationAt,
  MAX,
  parentOf,
  parseCode,
  parseRootPrefix,
  readAlias,
  readCode,
  readCodes,
  readPrefix,
  readSegment,
  readSubject,
  segmentsOf,
  type Subject,
  toAlias,
} from './index.ts'

const RUNS = { numRuns: 2000 }
const FOREIGN = parseRootPrefix('2.999.7')
const PREFIXES = [HOME_PREFIX, FOREIGN]
/** One prefix is compared in another way than several, and a long one in another than a short one. */
const PREFIX_LISTS = [
  PREFIXES,
  [HOME_PREFIX],
  [FOREIGN],
  [parseRootPrefix('2.5')],
  [parseRootPrefix('1.2.156.3088.1.1.1')],
]

/** Numbers of every width, and not only the wide ones that an even choice gives. */
function numberUpTo(max: number, min = 1): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 46 }).chain((bits) => {
    return fc.maxSafeInteger().map((n) => Math.max(min, Math.abs(n) % Math.min(max + 1, 2 ** bits + 1)))
  })
}

const parts: fc.Arbitrary<CodeParts> = fc.record({
  prefix: fc.constantFrom(...PREFIXES),
  provider: numberUpTo(MAX.providerParsed).map(asProviderNumber),
  requester: numberUpTo(MAX.requester).map(asRequesterNumber),
  ontology: numberUpTo(MAX.ontology).map(asOntologyNumber),
  instance: numberUpTo(MAX.instance, 0).map(asInstanceNumber),
})
const code = parts.map(buildCode)
const subject: fc.Arbitrary<Subject> = fc.oneof(
  code,
  parts.map(buildProviderPrefix),
  parts.map(buildRequesterPrefix),
)

const letterCase = fc.infiniteStream(fc.boolean())
const anyCase = fc.tuple(code, letterCase).map(([{ text }, flips]) => {
  return [...text]
    .map((character) => (flips.next().value === true ? character.toLowerCase() : character))
    .join('')
})

/** Codes with a few characters deleted, inserted or overwritten, and texts of the characters that matter. */
const near = fc
  .tuple(
    anyCase,
    fc.array(
      fc.tuple(
        fc.nat(60),
        fc.nat(1),
        fc.constantFrom('', '0', '00', '.', '..', 'A', 'z', ' ', '_', '\t', '\u3000', 'ı', '\u212a', '\r'),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([text, edits]) => {
    return edits.reduce(
      (edited, [at, removed, put]) => edited.slice(0, at) + put + edited.slice(at + removed),
      text,
    )
  })
const soup = fc
  .array(fc.constantFrom('0', '1', '9', 'A', 'Z', 'a', 'z', '.', '.', ' ', '_', 'é'), { maxLength: 40 })
  .map((characters) => `${HOME_PREFIX}.1.${characters.join('')}`)
const anyText = fc.oneof(near, soup, fc.string({ unit: 'binary', maxLength: 300 }), anyCase)

describe('an identity code', () => {
  test('reads back from its text as it was built', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const built = buildCode(given)
        expect(readCode(built.text, { prefixes: PREFIXES })).toEqual(built)
        expect(Object.values(segmentsOf(built)).join('.')).toBe(built.text)
      }),
      RUNS,
    )
  })

  test('is the same in any letter case, and its canonical text is read as it is', () => {
    fc.assert(
      fc.property(anyCase, (text) => {
        const read = parseCode(text, { prefixes: PREFIXES })
        expect(read.text).toBe(text.toUpperCase())
        expect(parseCode(read.text, { prefixes: PREFIXES })).toEqual(read)
      }),
      RUNS,
    )
  })

  test('has one spelling: an accepted text is, in upper case, what its numbers are written as', () => {
    fc.assert(
      fc.property(fc.oneof(near, anyCase), (text) => {
        const read = readCode(text, { prefixes: PREFIXES })
        fc.pre(read.kind === 'code' && read.version === 1)
        expect([buildCode(read).text, text.toUpperCase()]).toEqual([read.text, read.text])
      }),
      RUNS,
    )
  })

  test('is not what any single edit of its canonical text is read as', () => {
    const edits = fc.tuple(fc.nat(60), fc.nat(1), fc.constantFrom('', '0', '1', 'Z', '.', ' ', '\u200b', '_'))
    fc.assert(
      fc.property(code, edits, ({ text }, [place, removed, put]) => {
        const at = place % (text.length + 1)
        const edited = text.slice(0, at) + put + text.slice(at + removed)
        fc.pre(edited !== text)
        const read = readCode(edited, { prefixes: PREFIXES })
        expect(read.kind === 'code' ? read.text : undefined).not.toBe(text)
      }),
      RUNS,
    )
  })
})

describe('the reader', () => {
  test('never throws, and says of every refusal where it is', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const read of [readCode(text), readPrefix(text), readSubject(text), readAlias(text)]) {
          if (read.kind !== 'malformed') continue
          expect(read.offset).toBeGreaterThanOrEqual(0)
          expect(read.offset).toBeLessThanOrEqual(text.length)
        }
      }),
      RUNS,
    )
  })

  test('agrees with a naive reader about code, reason, segment and offset', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const read = readCode(text)
        const found = read.kind === 'code' ? read.text : [read.reason, read.segment, read.offset]
        expect(found).toEqual(naiveRead(text))
      }),
      { numRuns: 10_000 },
    )
  })

  test('accepts as a subject exactly what is a code or a code prefix', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          subject.map(({ text }): string => text),
        ),
        (text) => {
          const either = [readCode(text), readPrefix(text)].find(({ kind }) => kind !== 'malformed')
          const read = readSubject(text)
          expect(read.kind === 'malformed' ? undefined : read).toEqual(either)
        },
      ),
      RUNS,
    )
  })
})

describe('the batch reader', () => {
  test('agrees with the reader about every line', () => {
    const lines = fc.array(
      anyText.map((text) => text.replaceAll(/[\n\r]/g, '').toWellFormed()),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(
        lines,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(...PREFIX_LISTS),
        (texts, end, last, capacity, prefixes) => {
          const joined = texts.join(end) + (last && texts.length > 0 ? end : '')
          const expected = joined === '' ? [] : joined.replace(/\r?\n$/, '').split(end)
          const bytes = new TextEncoder().encode(joined)
          const batch = createCodeBatch(capacity)
          const options = { prefixes }
          let row = 0
          for (let at = 0; at < bytes.length;) {
            const rest = bytes.subarray(at)
            at += readCodes(rest, batch, options)
            for (let i = 0; i < batch.count; i++, row++) {
              const read = readCode(expected[row] ?? 'none', options)
              const found = codeAt(rest, batch, i, options) ?? malformationAt(rest, batch, i, options)
              expect(found).toEqual(read)
              expect(batch.accepted[i]).toBe(read.kind === 'code' ? 1 : 0)
              if (read.kind === 'malformed') continue
              expect({
                prefix: prefixes[batch.prefixes[i] ?? -1],
                version: batch.versions[i],
                provider: batch.providers[i],
                requester: batch.requesters[i],
                ontology: batch.ontologies[i],
                instance: batch.instances[i],
              }).toEqual({
                prefix: read.prefix,
                version: read.version,
                provider: read.provider,
                requester: read.requester,
                ontology: read.ontology,
                instance: read.instance,
              })
            }
          }
          expect(row).toBe(expected.length)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('order and kinship', () => {
  test('orders codes as their numbers, segment by segment', () => {
    fc.assert(
      fc.property(code, code, (a, b) => {
        fc.pre(a.prefix === b.prefix)
        const first = [a.provider, a.requester, a.ontology, a.instance]
        const second = [b.provider, b.requester, b.ontology, b.instance]
        const at = first.findIndex((n, i) => n !== second[i])
        expect(Math.sign(compareCodes(a, b))).toBe(
          at === -1 ? 0 : Math.sign((first[at] ?? 0) - (second[at] ?? 0)),
        )
      }),
      RUNS,
    )
  })

  test('orders subjects totally: 0 only for the same text, antisymmetric, transitive', () => {
    fc.assert(
      fc.property(subject, subject, subject, (a, b, c) => {
        expect(compareCodes(a, b) === 0).toBe(a.text === b.text)
        expect(Math.sign(compareCodes(a, b)) + Math.sign(compareCodes(b, a))).toBe(0)
        const [first, second, third] = [a, b, c].toSorted(compareCodes)
        if (first === undefined || second === undefined || third === undefined)
          throw new Error('sorting lost one')
        expect(compareCodes(first, second)).toBeLessThanOrEqual(0)
        expect(compareCodes(second, third)).toBeLessThanOrEqual(0)
        expect(compareCodes(first, third)).toBeLessThanOrEqual(0)
      }),
      RUNS,
    )
  })

  test('a parent contains its child, comes before it, and is not contained by it', () => {
    fc.assert(
      fc.property(subject, (child) => {
        const parent = parentOf(child)
        fc.pre(parent !== undefined)
        if (parent === undefined) throw new Error('fc.pre let it pass')
        expect(contains(parent, child)).toBe(true)
        expect(contains(child, parent)).toBe(false)
        expect(compareCodes(parent, child)).toBeLessThan(0)
      }),
      RUNS,
    )
  })
})

describe('the numeric alias', () => {
  test('is a bijection, and no alias reads as a code or code prefix', () => {
    fc.assert(
      fc.property(subject, (given) => {
        const alias = toAlias(given)
        expect(fromAlias(alias, { prefixes: PREFIXES })).toEqual(given)
        expect(readSubject(alias, { prefixes: PREFIXES }).kind).toBe('malformed')
        expect(readAlias(given.text, { prefixes: PREFIXES }).kind).toBe('malformed')
      }),
      RUNS,
    )
  })

  test('is accepted in one spelling only', () => {
    const arcs = fc.array(
      fc.constantFrom('0', '1', '00', '01', '35', '36', '2176782335', '2176782336', '', ' 1', '1e3', 'A'),
      { maxLength: 7 },
    )
    fc.assert(
      fc.property(arcs, (given) => {
        const text = [HOME_PREFIX, ...given].join('.')
        const read = readAlias(text)
        expect(read.kind === 'malformed' ? text : toAlias(read)).toBe(text)
      }),
      RUNS,
    )
  })
})

test('a segment is written as base 36 in upper case, and reads back', () => {
  fc.assert(
    fc.property(numberUpTo(MAX.instance, 0), (n) => {
      expect(formatSegment(n)).toBe(n.toString(36).toUpperCase())
      expect(readSegment('instance', formatSegment(n))).toBe(n)
    }),
    RUNS,
  )
})

const WIDTHS = { version: 1, provider: 6, requester: 6, ontology: 9, instance: 9 } as const

/** The rules of docs/spec/identity-code.md as plainly as they can be written: split, then look at each part. */
function naiveRead(text: string): string | [string, string, number] {
  if (text === '') return ['empty', 'code', 0]
  if (text.length > 256) return ['too-long', 'code', 256]
  if (text === '1.2.156.3088') return ['segment-missing', 'version', 12]
  if (!text.startsWith('1.2.156.3088.')) {
    const at = [...Array(13).keys()].find((i) => text[i] !== '1.2.156.3088'[i]) ?? 12
    const there = text.charAt(at)
    return [there === '' || /[0-9A-Za-z.]/.test(there) ? 'prefix-unknown' : stray(there), 'prefix', at]
  }
  const segments = text.slice(13).split('.')
  let at = 13
  for (const [i, [name, width]] of Object.entries(WIDTHS).entries()) {
    const segment = segments[i]
    if (segment === undefined) return ['segment-missing', name, text.length]
    const [run = ''] = /^[0-9A-Za-z]*/.exec(segment) ?? []
    const next = segment.charAt(run.length)
    if (segment === '') return ['empty-segment', name, at]
    if (/^0./.test(run)) return ['leading-zero', name, at]
    if (segment === '0' && name !== 'instance') return ['zero', name, at]
    if (run.length > width) return ['segment-too-long', name, at + width]
    if (next !== '') return [stray(next), name, at + run.length]
    at += segment.length + 1
  }
  if (segments.length === 5) return text.toUpperCase()
  return segments.length === 6 && segments[5] === ''
    ? ['empty-segment', 'extra', at]
    : ['segment-extra', 'extra', at - 1]
}

function stray(character: string): string {
  return /^[\s\u0085]$/.test(character) && character !== '\ufeff' ? 'space' : 'character'
}
