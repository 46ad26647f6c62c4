/**
 * Adds the vectors that are not there yet: `node --conditions=@arc3088/source packages/trust/tests/write-vectors.ts`.
 * Existing files stand for ever; signatures by ES256 differ on every run.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

import { generateSigningKey } from '@arc3088/records'

import { buildVector } from './build-vector.ts'
import type { KeyFile } from './scenario.ts'
import { KEY_NAMES, signersOf } from './scenario.ts'
import { RECOGNITION_CASES, buildRecognitionVector } from './recognition-cases.ts'
import { RECORD_CASES, buildRecordVector } from './record-vectors.ts'
import { VECTOR_CASES } from './vector-cases.ts'

const vectors = new URL('../../../vectors/', import.meta.url)
const keyFile = new URL('evidence/test-keys.json', vectors)

/** Keys by Ed25519; the rest sign by ES256. Logs and witnesses know no other (C2SP signed-note). */
const ED25519 = /^(p1\.issuing|root\.status|p1\.former|f\.status|fp\.issuing|.*\.tlog)$/

/** The keys there are, and new ones for names that came later. */
async function readKeys(): Promise<KeyFile> {
  const there = existsSync(keyFile)
    ? (JSON.parse(readFileSync(keyFile, 'utf8')) as Partial<KeyFile>)
    : { warning: 'Test keys. Everyone has them; never trust them.' }
  const missing = KEY_NAMES.filter((name) => !(name in there))
  const made = await Promise.all(
    missing.map(async (name) => {
      const { privateJwk } = await generateSigningKey(ED25519.test(name) ? 'Ed25519' : 'ES256')
      return [name, privateJwk] as const
    }),
  )
  const keys = { ...there, ...Object.fromEntries(made) }
  if (missing.length > 0) writeFileSync(keyFile, `${JSON.stringify(keys, undefined, 1)}\n`)
  return keys as KeyFile
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
for (const recognitionCase of RECOGNITION_CASES) {
  const validity = recognitionCase.verdict === 'valid' ? 'valid' : 'refused'
  const file = new URL(`agreements/${validity}/${recognitionCase.name}.json`, vectors)
  if (!existsSync(file)) add(file, await buildRecognitionVector(recognitionCase, signers))
}
