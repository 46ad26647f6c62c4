import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { generateSigningKey, type PrivateJwk, type SignatureAlg } from '@arc3088/records'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { keyFileName, loadKeyFiles } from '../src/keys/key-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arc3088-key-files-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function keep(purpose: 'issuing' | 'status', jwk: PrivateJwk): void {
  writeFileSync(join(folder, keyFileName(purpose)), JSON.stringify(jwk))
}

test.each(['ES256', 'Ed25519'] as const)('loads a key of %s that signs under its own name', async (alg) => {
  const { privateJwk, publicJwk } = await generateSigningKey(alg)
  keep('issuing', privateJwk)
  const ring = await loadKeyFiles(folder, ['issuing'])
  expect(ring.active('issuing').kid).toBe(publicJwk.kid)
  expect(ring.published('issuing')).toEqual([publicJwk])
})

test.each(['ES256', 'Ed25519'] as const)(
  'refuses a file of %s whose private half is of another key: nobody could verify what it signs',
  async (alg: SignatureAlg) => {
    const [one, two] = [await generateSigningKey(alg), await generateSigningKey(alg)]
    keep('issuing', { ...one.privateJwk, d: two.privateJwk.d })
    await expect(loadKeyFiles(folder, ['issuing'])).rejects.toThrow(
      /issuing\.jwk\.json is not a usable key file/,
    )
  },
)

test('refuses one key for two purposes, and names both', async () => {
  const { privateJwk } = await generateSigningKey('ES256')
  keep('issuing', privateJwk)
  keep('status', privateJwk)
  await expect(loadKeyFiles(folder, ['issuing', 'status'])).rejects.toThrow(/issuing and status are one key/)
})

test('names the file that is missing', async () => {
  await expect(loadKeyFiles(folder, ['issuing'])).rejects.toThrow(/issuing\.jwk\.json/)
})
