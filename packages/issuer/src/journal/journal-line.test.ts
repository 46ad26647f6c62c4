import fc from 'fast-check'
import { expect, test } from 'vitest'

import { FIRST_CHECKSUM, formatJournalLine, readJournalLine, type JournalMark } from './journal-line.ts'
import { JournalDamage, readJournalFile } from './read-journal.ts'

const at = new Date('2026-11-22T19:00:00Z')
const LEASE = { t: 'lease', range: 'r', up_to: 7 } as const satisfies JournalMark
const MARKS: readonly JournalMark[] = [
  { t: 'node', entity_id: 'https://p1.example' },
  { t: 'begun' },
  {
    t: 'range',
    id: 'r',
    level: 'instance',
    name: 'general',
    kind: 'scrambled',
    first: 1,
    last: 9,
    business_type: null,
    key: 'AAEC',
  },
  LEASE,
  { t: 'list', list: 3, level: 'ontology', up_to: 64 },
  { t: 'chosen', keys: [[1, 2, 3, 4]] },
  { t: 'issue', name: 'recognition-list', seq: 4, hash: 'x' },
  { t: 'checkpoint', note: 'p1.example/tlog\n7\nAAAA\n\n— p1.example/tlog sig\n' },
  { t: 'entries', from: 5, entries: ['{"c":"中"}', 'x'] },
]

/** The lines of a file, each with one lease. */
function fileOf(count: number): Buffer {
  let checksum = FIRST_CHECKSUM
  const texts: string[] = []
  for (let upTo = 1; upTo <= count; upTo++) {
    const line = formatJournalLine({ at, marks: [{ ...LEASE, up_to: upTo }] }, checksum)
    texts.push(line.text)
    checksum = line.checksum
  }
  return Buffer.from(texts.join(''))
}

const read = (bytes: Buffer) =>
  [...readJournalFile('f', bytes)].map((mark) => (mark.t === 'lease' ? mark.up_to : 0))

function verdict(bytes: Buffer): number[] | 'damaged' {
  try {
    return read(bytes)
  } catch (error) {
    if (error instanceof JournalDamage) return 'damaged'
    throw error
  }
}

test('reads every kind of mark as it was written', () => {
  const { text, checksum } = formatJournalLine({ at, marks: MARKS }, 42)
  expect(readJournalLine(text.slice(0, -1), 42)).toEqual({ at: at.toISOString(), marks: MARKS, checksum })
})

test('passes over a last line torn anywhere, and keeps every line before it', () => {
  const whole = fileOf(3)
  const [, second = 0] = [...whole.entries()].filter(([, byte]) => byte === 10).map(([place]) => place)
  for (let length = second + 1; length < whole.length; length++) {
    expect(read(whole.subarray(0, length))).toEqual([1, 2])
  }
  const unwritten = Buffer.from(whole)
  unwritten.fill(0, second + 20, whole.length - 1)
  expect(read(unwritten)).toEqual([1, 2])
})

test('names the line where any one byte of a file was changed', () => {
  const whole = fileOf(4)
  fc.assert(
    fc.property(fc.nat(whole.length - 2), fc.integer({ min: 1, max: 255 }), (place, mask) => {
      const changed = Buffer.from(whole)
      changed[place] = (changed[place] ?? 0) ^ mask
      // A NUL in the last line is what an unwritten page looks like.
      const torn = changed[place] === 0 && place > whole.lastIndexOf(10, whole.length - 2)
      expect(verdict(changed)).toEqual(torn ? [1, 2, 3] : 'damaged')
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['left out', (lines: string[]) => lines.toSpliced(1, 1)],
  ['doubled', (lines: string[]) => lines.toSpliced(1, 0, lines[1] ?? '')],
  ['out of place', (lines: string[]) => [lines[1] ?? '', lines[0] ?? '', ...lines.slice(2)]],
])('finds a line that was %s', (_, edit) => {
  const lines = fileOf(4).toString().trimEnd().split('\n')
  expect(() => read(Buffer.from(`${edit(lines).join('\n')}\n`))).toThrow(JournalDamage)
})
