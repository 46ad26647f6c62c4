import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { generateSigningKey, type SignatureAlg } from '@arc3088/records'
import { ConfigError } from '@arc3088/service'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { createCosigner, createLogSigner, keyFileName, loadKeyFiles } from '../src/index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arc3088-log-key-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function keepLogKey(alg: SignatureAlg): Promise<void> {
  const { privateJwk } = await generateSigningKey(alg)
  writeFileSync(join(folder, keyFileName('tlog')), JSON.stringify(privateJwk))
}

test('one key of Ed25519 signs for the log and for the witness of a node, each under its own name', async () => {
  await keepLogKey('Ed25519')
  const signer = (await loadKeyFiles(folder, ['tlog'])).active('tlog')
  const [log, cosigner] = [
    createLogSigner('https://p1.example', signer),
    createCosigner('https://p1.example', signer),
  ]
  expect([log.name, log.algorithm]).toEqual(['p1.example/tlog', 1])
  expect([cosigner.name, cosigner.algorithm]).toEqual(['p1.example', 4])
})

test('refuses a log key of another algorithm, and names the file', async () => {
  await keepLogKey('ES256')
  const loading = loadKeyFiles(folder, ['tlog'])
  await expect(loading).rejects.toThrow(ConfigError)
  await expect(loading).rejects.toThrow(/tlog\.jwk\.json is of ES256, and a log's key is of Ed25519/)
})
