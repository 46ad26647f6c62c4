import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createMemorySigner, generateSigningKey } from './signer.ts'
import { formatChange, readChange } from './change.ts'
import { LOG_ENTRY_TYPES } from './log-entry.ts'
import {
  readSnapshotNotification,
  signSnapshotNotification,
  verifySnapshotNotification,
  type SnapshotNotification,
} from './snapshot-notification.ts'

const HASH = 'A'.repeat(43)
const LINE = `{"seq":"12","t":"assign","c":"1.2.156.3088.1.1.7","h":"${HASH}","i":1790000000}`

test('a change reads back as what was written, whatever it is about', () => {
  const entry = fc.record({
    v: fc.constant(1 as const),
    t: fc.constantFrom(...LOG_ENTRY_TYPES),
    c: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    h: fc.constant(HASH),
    i: fc.integer({ min: 0, max: 4_000_000_000 }),
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), entry, (seq, { v, ...rest }) => {
      const line = formatChange(seq, { v, ...rest })
      expect(line).not.toContain('\n')
      expect(readChange(line)).toEqual({ seq: String(seq), ...rest })
    }),
  )
})

test.each([
  [
    'another order of members',
    `{"t":"assign","seq":"12","c":"1.2.156.3088.1.1.7","h":"${HASH}","i":1790000000}`,
  ],
  ['a member more', LINE.replace('}', ',"v":1}')],
  ['white space', LINE.replace(',', ', ')],
  ['a number for a sequence', LINE.replace('"12"', '12')],
  ['a leading zero', LINE.replace('"12"', '"012"')],
  ['the number before the first', LINE.replace('"12"', '"0"')],
  ['an act that is none', LINE.replace('assign', 'Assign')],
  ['half a line', LINE.slice(0, 40)],
  ['nothing', ''],
])('a line with %s is no change', (_, line) => {
  expect(readChange(LINE)).toBeDefined()
  expect(readChange(line)).toBeUndefined()
})

function part(first: number, last: number): SnapshotNotification['deltas'][number] {
  const uri = `https://p1.example/v1/snapshots/${first}-${last}.ndjson.gz`
  return { first: String(first), last: String(last), uri, digest: `sha-256:${HASH}`, bytes: 100 }
}

const GOOD: SnapshotNotification = {
  iss: 'https://p1.example',
  iat: 1_790_000_000,
  exp: 1_790_003_600,
  seq: '66560',
  log: { origin: 'p1.example/tlog', size: 66_570, root: HASH },
  snapshot: { segments: [part(1, 65_536)] },
  deltas: [part(65_537, 66_560)],
}

test('a notification is read back when its parts are the whole sequence, and by its key alone', async () => {
  const key = await generateSigningKey('ES256')
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk: key.privateJwk })
  const other = await createMemorySigner({
    alg: 'ES256',
    privateJwk: (await generateSigningKey('ES256')).privateJwk,
  })
  const text = await signSnapshotNotification(signer, GOOD)
  expect(readSnapshotNotification(text)).toMatchObject({ kind: 'read', claims: GOOD })
  expect((await verifySnapshotNotification(text, [signer.publicJwk])).kind).toBe('verified')
  expect(await verifySnapshotNotification(text, [other.publicJwk])).toMatchObject({ reason: 'key-unknown' })
})

test.each([
  ['a gap', { deltas: [part(65_538, 66_560)] }],
  ['an overlap', { deltas: [part(65_536, 66_560)] }],
  ['a part that ends before it begins', { deltas: [part(65_537, 65_000)] }],
  ['another end than it says', { seq: '66561' }],
  ['a beginning after the first change', { snapshot: { segments: [part(2, 65_536)] } }],
  ['a log that is smaller', { log: { ...GOOD.log, size: 66_559 } }],
  ['no time to live', { exp: GOOD.iat }],
])('a notification with %s is not signed', async (_, wrong) => {
  const { privateJwk } = await generateSigningKey('ES256')
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
  await expect(signSnapshotNotification(signer, { ...GOOD, ...wrong })).rejects.toThrow('refusing to sign')
})
