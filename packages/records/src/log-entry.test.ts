import fc from 'fast-check'
import canonicalize from 'canonicalize'
import { expect, test } from 'vitest'

import {
  formatLogEntry,
  hiddenLogName,
  isHiddenLogName,
  LOG_ENTRY_TYPES,
  logKeyDigest,
  readLogEntry,
  type LogEntry,
} from './log-entry.ts'

const HASH = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
const entry: LogEntry = { v: 1, t: 'assign', c: '1.2.156.3088.1.1', h: HASH, i: 1_790_000_000 }

test('writes an entry in its JCS form, whatever it is about', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...LOG_ENTRY_TYPES),
      fc.string({ minLength: 1, maxLength: 100 }).filter((text) => text.isWellFormed()),
      fc.nat(),
      (t, c, i) => {
        const made: LogEntry = { v: 1, t, c, h: HASH, i }
        expect(formatLogEntry(made)).toBe(canonicalize(made))
        expect(readLogEntry(formatLogEntry(made))).toEqual(made)
      },
    ),
  )
})

test.each([
  ['members in another order', `{"v":1,"t":"assign","c":"x","h":"${HASH}","i":1}`],
  ['white space', `{"c": "x","h":"${HASH}","i":1,"t":"assign","v":1}`],
  ['a member twice', `{"c":"x","c":"x","h":"${HASH}","i":1,"t":"assign","v":1}`],
  ['an unknown member', `{"c":"x","h":"${HASH}","i":1,"t":"assign","v":1,"x":1}`],
  ['an unknown type', `{"c":"x","h":"${HASH}","i":1,"t":"assigned","v":1}`],
  ['another version', `{"c":"x","h":"${HASH}","i":1,"t":"assign","v":2}`],
  ['an escape that need not be', String.raw`{"c":"\u0078","h":"${HASH}","i":1,"t":"assign","v":1}`],
  ['a short hash', `{"c":"x","h":"${HASH.slice(1)}","i":1,"t":"assign","v":1}`],
  ['an instant that is no whole second', `{"c":"x","h":"${HASH}","i":1.5,"t":"assign","v":1}`],
  ['no JSON', 'assign'],
])('refuses an entry with %s', (_, text) => {
  expect(readLogEntry(text)).toBeUndefined()
})

test('hides a code under a key, the same each time, and another under another key (RFC 4231 test case 2)', async () => {
  const key = new TextEncoder().encode('Jefe')
  const name = await hiddenLogName(key, 'what do ya want for nothing?')
  expect(Buffer.from(name, 'base64url').toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
  expect(isHiddenLogName(name)).toBe(true)
  expect(isHiddenLogName(entry.c)).toBe(false)
  expect(await hiddenLogName(new Uint8Array(32), entry.c)).not.toBe(await hiddenLogName(key, entry.c))
})

test('commits to a key without showing it', async () => {
  expect(await logKeyDigest(new Uint8Array(0))).toBe(`sha-256:${HASH}`)
})
