import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { verifyRootKeySet } from '@arc3088/records'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { run } from '../src/run.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arc3088-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function keys(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const code = await run(['keys', ...argv, '--json'], {
    environment: {},
    input: undefined,
    now: () => new Date('2026-11-22T00:00:00Z'),
    write: async (text) => {
      out += text
    },
    complain: (text) => {
      err += text
    },
  })
  return { code, out, err }
}

test.each(['ES256', 'Ed25519'])('makes %s keys that their owner alone reads', async (alg) => {
  const dir = join(folder, 'keys')
  expect((await keys('generate', '--dir', dir, '--alg', alg)).code).toBe(0)
  const files = ['federation.jwk.json', 'issuing.jwk.json', 'status.jwk.json', 'tlog.jwk.json']
  expect(readdirSync(dir).toSorted()).toEqual(files)
  for (const name of files) {
    expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(join(dir, name), 'utf8'))).toMatchObject({
      // A log signs with Ed25519 whatever the others do.
      alg: name === 'tlog.jwk.json' ? 'Ed25519' : alg,
      d: expect.any(String),
    })
  }
})

test('never writes over a key, nor anything when one is there', async () => {
  await keys('generate', '--dir', folder, '--purposes', 'issuing')
  const before = readFileSync(join(folder, 'issuing.jwk.json'), 'utf8')
  const { code, err } = await keys('generate', '--dir', folder, '--purposes', 'status,issuing')
  expect([code, JSON.parse(err)]).toEqual([1, expect.objectContaining({ code: 'file-exists' })])
  expect(readdirSync(folder)).toEqual(['issuing.jwk.json'])
  expect(readFileSync(join(folder, 'issuing.jwk.json'), 'utf8')).toBe(before)
})

test('adds the key of the log to a folder from before there was one, and touches no other', async () => {
  await keys('generate', '--dir', folder, '--purposes', 'federation,issuing,status')
  const read = () => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])
  const before = read()
  expect((await keys('generate', '--dir', folder, '--purposes', 'tlog')).code).toBe(0)
  expect(read().filter(([name]) => name !== 'tlog.jwk.json')).toEqual(before)
  expect(JSON.parse(readFileSync(join(folder, 'tlog.jwk.json'), 'utf8'))).toMatchObject({ alg: 'Ed25519' })
})

test('signs a first key set that verifies, and leaves one to pin', async () => {
  const [out, pin] = [join(folder, 'sets.json'), join(folder, 'anchor.json')]
  await keys('generate', '--dir', folder, '--purposes', 'root,federation')
  const argv = ['anchor', '--dir', folder, '--entity-id', 'https://root.example', '--out', out, '--pin', pin]
  expect((await keys(...argv)).code).toBe(0)
  const [served] = JSON.parse(readFileSync(out, 'utf8')) as unknown[]
  const pinned: unknown = JSON.parse(readFileSync(pin, 'utf8'))
  expect(pinned).toEqual(served)
  expect(await verifyRootKeySet(pinned)).toMatchObject({
    kind: 'verified',
    claims: { iss: 'https://root.example', seq: 1, threshold: 1 },
  })
  expect((await keys(...argv)).code).toBe(1)
})

test('says of a missing key that it is missing, and repeats no bad one', async () => {
  const argv = ['anchor', '--dir', folder, '--entity-id', 'https://root.example', '--out', join(folder, 'x')]
  const { code, err } = await keys(...argv)
  expect([code, err]).toEqual([2, expect.stringContaining('root.jwk.json cannot be read')])
  expect(readdirSync(folder)).toEqual([])
})
