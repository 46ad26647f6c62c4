/**
 * Adds the vectors that are not there yet: `node --conditions=@arc3088/source packages/trust/tests/write-vectors.ts`.
 * Existing files stand for ever; signatures by ES256 differ on every run.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

import { generateSigningKey } from '@arc3088/records'

import { buildVector } from './build-vector.ts'
import type { KeyFile } from './scenario.ts'
import { KEY_NAMES, signersOf } from './scenario.ts'
import { RECORD_CASES, buildRecordVector } from './record-vectors.ts'
import { VECTOR_CASES } from './vector-cases.ts'

const vectors = new URL('../../../vectors/', import.meta.url)
const keyFile = new URL('evidence/test-keys.json', vectors)

async function readKeys(): Promise<KeyFile> {
  if (!existsSync(keyFile)) {
    const keys = await Promise.all(
      KEY_NAMES.map(async (name) => {
        const alg = name === 'p1.issuing' || name === 'root.status' ? 'Ed25519' : 'ES256'
        return [name, (await generateSigningKey(alg)).privateJwk] as const
      }),
    )
    add(keyFile, { warning: 'Test keys. Everyone has them; never trust them.', ...Object.fromEntries(keys) })
  }
  return JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile
}

function add(file: URL, value: unknown): void {
  if (existsSync(file)) return
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(value, undefined, 1)}\n`)
  process.stdout.write(`added ${file.pathname}\n`)
}

const signers = await signersOf(await readKeys())
for (const vectorCase of VECTOR_CASES) {
  const validity = vectorCase.verdict === 'valid' ? 'valid' : 'refused'
  const file = new URL(`${vectorCase.folder}/${validity}/${vectorCase.name}.json`, vectors)
  if (!existsSync(file)) add(file, await buildVector(vectorCase, signers))
}
for (const recordCase of RECORD_CASES) {
  const file = new URL(
    `records/${recordCase.reason === undefined ? 'valid' : 'refused'}/${recordCase.name}.json`,
    vectors,
  )
  if (!existsSync(file)) add(file, await buildRecordVector(recordCase, signers))
}
