import {
  faultsOfMethods,
  fuzzOperation,
  pathsOf,
  readContract,
  requestsOf,
  type Tally,
} from '@arc3088/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openApiDocument } from '../src/http/openapi-document.ts'
import { startFuzzedRoot, type FuzzedRoot } from './fuzzed-root.ts'

const CONTRACT = readContract(openApiDocument())
/** Bounded, so that it stays short; another seed is another walk. */
const EFFORT = {
  requests: Number(process.env['FUZZ_REQUESTS'] ?? 100),
  seed: Number(process.env['FUZZ_SEED'] ?? 3088),
}

let root: FuzzedRoot
const tallies: Record<string, Tally> = {}
beforeAll(async () => {
  root = await startFuzzedRoot()
})
afterAll(async () => {
  if (process.env['FUZZ_TOLD'] !== undefined) console.log(JSON.stringify(tallies, null, 1))
  await root[Symbol.asyncDispose]()
})

describe('by its methods', () => {
  test.each(pathsOf({ contract: CONTRACT }))('%s is as its contract says', async (path) => {
    expect(await faultsOfMethods(root, path)).toEqual([])
  })
})

describe('whatever is sent to', () => {
  test.each(CONTRACT.operations)('$name is answered as documented', async (operation) => {
    const tally = await fuzzOperation(root, operation, EFFORT)
    tallies[operation.name] = tally
    const answered = Object.values(tally).reduce((sum, count) => sum + count, 0)
    expect(answered).toBe(requestsOf(operation, EFFORT.requests))
  })
})
