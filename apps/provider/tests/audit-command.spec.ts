import { afterAll, beforeAll, expect, test } from 'vitest'

import { approvedOntology, verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root)
  await provider.appoint('1')
  const requester = await verifiedRequester(provider)
  const ontology = await approvedOntology(provider, requester)
  await requester.post(`/v1/ontologies/${ontology}/instances`, {})
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const SOUND = ['codes-have-records', 'places-stand-once', 'places-were-leased', 'tree-is-its-entries'].map(
  (check) => ({ check, ok: true }),
)
const read = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)

test('audit:ledger finds a serving root and its provider sound, statements included', async () => {
  expect(read(await root.run('audit:ledger'))).toEqual(SOUND)
  const node = await provider.asProcess()
  expect(read(await node.run('audit:ledger'))).toEqual(SOUND)
})
