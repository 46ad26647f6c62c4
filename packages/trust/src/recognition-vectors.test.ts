import { readFileSync, readdirSync } from 'node:fs'

import { parseRootKeySetJws } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import type { RecognitionVector } from '../tests/recognition-cases.ts'
import { RECOGNITION_CASES, buildRecognitionVector } from '../tests/recognition-cases.ts'
import type { KeyFile } from '../tests/scenario.ts'
import { signersOf } from '../tests/scenario.ts'
import { createEvidenceMemory } from './evidence-memory.ts'
import type { VerifyEvidence } from './verify-evidence.ts'
import { createVerifier, verifyEvidence } from './verify-evidence.ts'

const vectors = new URL('../../../vectors/', import.meta.url)

function published(validity: 'valid' | 'refused'): RecognitionVector[] {
  const directory = new URL(`agreements/${validity}/`, vectors)
  return readdirSync(directory).map(
    (file) => JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as RecognitionVector,
  )
}

async function assess(
  { code, at, min_seq: minSeq, anchor, bundle }: RecognitionVector,
  verify: VerifyEvidence,
) {
  const rootKeys = parseRootKeySetJws(JSON.stringify(anchor))
  if ('kind' in rootKeys) throw new Error('the vector has no anchor')
  const recognition = minSeq === undefined ? {} : { minSeq }
  return await verify({ code, bundle, anchor: { rootKeys }, at, recognition })
}

async function outcomeOf(vector: RecognitionVector, verify: VerifyEvidence = verifyEvidence) {
  const { verdict, reasons } = await assess(vector, verify)
  return { verdict, reason: reasons[0]?.code ?? null }
}

const keyFile = new URL('evidence/test-keys.json', vectors)
const signers = await signersOf(JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile)
const all = [...published('valid'), ...published('refused')]

describe('recognition, made now', () => {
  test.each(RECOGNITION_CASES.map((each) => [`${each.name}: ${each.says}`, each] as const))(
    '%s',
    async (_, recognitionCase) => {
      const { verdict, reason } = recognitionCase
      expect(await outcomeOf(await buildRecognitionVector(recognitionCase, signers))).toEqual({
        verdict,
        reason: reason ?? null,
      })
    },
  )
})

describe('recognition, as published', () => {
  test.each(all.map((vector) => [vector.name, vector] as const))('agreements/%s', async (_, vector) => {
    expect(await outcomeOf(vector)).toEqual(vector.expect)
  })

  test('there is a file for every case', () => {
    expect(new Set(all.map(({ name }) => name))).toEqual(new Set(RECOGNITION_CASES.map(({ name }) => name)))
  })

  test('a verifier with a memory says of every vector what one without says, twice over', async () => {
    const verify = createVerifier({ memory: createEvidenceMemory() })
    for (const vector of [...all, ...all]) {
      expect({ name: vector.name, ...(await assess(vector, verify)) }).toEqual({
        name: vector.name,
        ...(await assess(vector, verifyEvidence)),
      })
    }
  })
})
