import { readFileSync, readdirSync } from 'node:fs'

import { parseRootKeySetJws, verifyAssignmentRecord } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import type { EvidenceVector } from '../tests/build-vector.ts'
import { buildVector } from '../tests/build-vector.ts'
import type { RecordVector } from '../tests/record-vectors.ts'
import { RECORD_CASES, buildRecordVector } from '../tests/record-vectors.ts'
import type { KeyFile } from '../tests/scenario.ts'
import { signersOf } from '../tests/scenario.ts'
import { VECTOR_CASES } from '../tests/vector-cases.ts'
import { verifyEvidence } from './verify-evidence.ts'

const vectors = new URL('../../../vectors/', import.meta.url)

function readFolder<T>(folder: string): T[] {
  return ['valid', 'refused'].flatMap((validity) => {
    const directory = new URL(`${folder}/${validity}/`, vectors)
    return readdirSync(directory).map(
      (file) => JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as T,
    )
  })
}

async function outcomeOf({ code, at, as_of: asOf, anchor, bundle }: EvidenceVector) {
  const rootKeys = parseRootKeySetJws(JSON.stringify(anchor))
  if ('kind' in rootKeys) throw new Error('the vector has no anchor')
  const asked = asOf === undefined ? { at } : { at, asOf }
  return await verifyEvidence({ code, bundle, anchor: { rootKeys }, ...asked })
}

const signers = await signersOf(
  JSON.parse(readFileSync(new URL('evidence/test-keys.json', vectors), 'utf8')) as KeyFile,
)

describe('made now', () => {
  test.each(VECTOR_CASES.map((each) => [`${each.folder}/${each.name}: ${each.says}`, each] as const))(
    '%s',
    async (_, vectorCase) => {
      const assessment = await outcomeOf(await buildVector(vectorCase, signers))
      expect({ verdict: assessment.verdict, reason: assessment.reasons[0]?.code }).toEqual({
        verdict: vectorCase.verdict,
        reason: vectorCase.reason,
      })
    },
  )
  test.each(RECORD_CASES.map((each) => [each.name, each] as const))('record %s', async (_, recordCase) => {
    const { jws, keys } = await buildRecordVector(recordCase, signers)
    const outcome = await verifyAssignmentRecord(jws, keys)
    expect(outcome.kind === 'rejected' ? outcome.reason : undefined).toBe(recordCase.reason)
  })
})

describe('as published', () => {
  test.each(
    ['chains', 'evidence'].flatMap((folder) =>
      readFolder<EvidenceVector>(folder).map((v) => [`${folder}/${v.name}`, v] as const),
    ),
  )('%s', async (_, vector) => {
    const assessment = await outcomeOf(vector)
    expect({ verdict: assessment.verdict, reason: assessment.reasons[0]?.code ?? null }).toEqual(
      vector.expect,
    )
  })
  test.each(readFolder<RecordVector>('records').map((v) => [v.name, v] as const))(
    'records/%s',
    async (_, { jws, keys, expect: expected }) => {
      const outcome = await verifyAssignmentRecord(jws, keys)
      expect({
        verified: outcome.kind === 'verified',
        reason: outcome.kind === 'rejected' ? outcome.reason : null,
      }).toEqual(expected)
    },
  )
  test('there is a file for every case', () => {
    expect(readFolder('chains').length + readFolder('evidence').length).toBeGreaterThanOrEqual(
      VECTOR_CASES.length,
    )
    expect(readFolder('records').length).toBeGreaterThanOrEqual(RECORD_CASES.length)
  })
})
