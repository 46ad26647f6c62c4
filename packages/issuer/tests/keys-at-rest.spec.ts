import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { systemAmbient } from '@arc3088/service'
import { createTestKeys } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { createFileKeyDriver } from '../src/keys/file-key-driver.ts'
import { keyFileName, loadKeyFiles, sealKeyFiles } from '../src/keys/key-files.ts'

const PURPOSES = ['federation', 'issuing', 'status', 'tlog'] as const
const PASSPHRASE = 'correct horse battery staple'
const { randomBytes } = systemAmbient()

test('sealing rewrites plain files once, and the same keys come out of them', async () => {
  using keys = await createTestKeys(PURPOSES)
  const folder = { directory: keys.directory, passphrase: PASSPHRASE }
  expect(await sealKeyFiles(folder, PURPOSES, randomBytes)).toEqual(
    PURPOSES.map((purpose) => keyFileName(purpose)),
  )
  const ring = await loadKeyFiles(keys.directory, PURPOSES, PASSPHRASE)
  expect(PURPOSES.map((purpose) => ring.active(purpose).kid)).toEqual(
    PURPOSES.map((purpose) => keys.signer(purpose).kid),
  )
  for (const name of readdirSync(keys.directory)) {
    expect(readFileSync(join(keys.directory, name), 'utf8')).not.toContain('"d"')
    expect(statSync(join(keys.directory, name)).mode & 0o777).toBe(0o600)
  }
  expect(await sealKeyFiles(folder, PURPOSES, randomBytes)).toEqual([])
})

test('plain files are read also where a passphrase is set', async () => {
  using keys = await createTestKeys(PURPOSES)
  const ring = await loadKeyFiles(keys.directory, PURPOSES, PASSPHRASE)
  expect(ring.active('issuing').kid).toBe(keys.signer('issuing').kid)
})

test.each([
  ['another passphrase', 'wrong', /issuing\.jwk\.json .*does not open it/],
  ['no passphrase', undefined, /issuing\.jwk\.json .*KEY_PASSPHRASE_FILE is not set/],
])('with %s the file is named', async (_, passphrase, message) => {
  using keys = await createTestKeys(PURPOSES)
  await sealKeyFiles({ directory: keys.directory, passphrase: PASSPHRASE }, ['issuing'], randomBytes)
  await expect(loadKeyFiles(keys.directory, ['issuing'], passphrase)).rejects.toThrow(message)
})

test('seals nothing where one of the files cannot be used', async () => {
  using keys = await createTestKeys(PURPOSES)
  writeFileSync(join(keys.directory, keyFileName('tlog')), '{}')
  const folder = { directory: keys.directory, passphrase: PASSPHRASE }
  await expect(sealKeyFiles(folder, PURPOSES, randomBytes)).rejects.toThrow(/tlog\.jwk\.json/)
  expect(readFileSync(join(keys.directory, keyFileName('issuing')), 'utf8')).toContain('"d"')
})

test('an unfinished write of a file changes nothing that is read', async () => {
  using keys = await createTestKeys(PURPOSES)
  writeFileSync(join(keys.directory, `${keyFileName('issuing')}.unfinished`), '{"prot')
  const driver = createFileKeyDriver({ directory: keys.directory }, randomBytes)
  expect((await driver.find('issuing')).map(({ publicJwk }) => publicJwk.kid)).toEqual([
    keys.signer('issuing').kid,
  ])
})

test.each(['ES256', 'Ed25519'] as const)(
  'a new %s key is sealed from its first byte on disk',
  async (alg) => {
    using keys = await createTestKeys(PURPOSES)
    const driver = createFileKeyDriver({ directory: keys.directory, passphrase: PASSPHRASE }, randomBytes)
    const { ref, publicJwk } = await driver.generate('tlog', alg)
    expect(ref).toBe(`file:${keyFileName('tlog', publicJwk.kid)}`)
    expect(readFileSync(join(keys.directory, keyFileName('tlog', publicJwk.kid)), 'utf8')).not.toContain(
      '"d"',
    )
    expect((await driver.load(ref)).kid).toBe(publicJwk.kid)
  },
)

test.each(['file:../issuing.jwk.json', 'file:/etc/passwd', 'file:a/b.jwk.json', 'file:issuing'])(
  'a reference cannot lead out of the folder: %s',
  async (ref) => {
    using keys = await createTestKeys(PURPOSES)
    const driver = createFileKeyDriver({ directory: keys.directory }, randomBytes)
    await expect(driver.load(ref)).rejects.toThrow(/is not the name of a key file/)
  },
)

test('a further key file that holds another key than its name says is refused', async () => {
  using keys = await createTestKeys(PURPOSES)
  const driver = createFileKeyDriver({ directory: keys.directory }, randomBytes)
  const { ref } = await driver.generate('issuing', 'ES256')
  const name = ref.slice('file:'.length)
  writeFileSync(join(keys.directory, name), readFileSync(join(keys.directory, keyFileName('status'))))
  await expect(driver.load(ref)).rejects.toThrow(/its name is of another key/)
})
