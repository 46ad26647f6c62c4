import { afterAll, beforeAll, expect, test } from 'vitest'

import { ANNEX_C, appointProvider, demandedQuorum } from './annex-c.ts'
import { startProvider, startRoot, type RunningRoot } from './running-nodes.ts'
import { startTestResolver } from './running-resolver.ts'

const resources = new AsyncDisposableStack()
let root: RunningRoot

beforeAll(async () => {
  root = resources.use(await startRoot({ logQuorum: 1 }))
  const provider = resources.use(await startProvider(root))
  await appointProvider(root, provider)
})

afterAll(async () => {
  await resources.disposeAsync()
})

/** What somebody says who comes just now, and has kept nothing. */
async function stranger(): Promise<Record<string, unknown>> {
  await using resolver = await startTestResolver(root.anchor)
  return await resolver.resolve(ANNEX_C.provider)
}

test('at no moment does a stranger find fewer cosignatures than the root demands, from none to its first', async () => {
  const said = new Set<string>()
  const quorums = new Set<number>()
  for (let answersAfter = 0; answersAfter < 10;) {
    const { verdict, reasons, log } = await stranger()
    said.add(JSON.stringify([verdict, reasons]))
    const quorum = await demandedQuorum(root)
    quorums.add(quorum)
    if (quorum === root.logQuorum && log !== 'not-required') answersAfter += 1
  }
  expect([...said]).toEqual([JSON.stringify(['valid', []])])
  expect([...quorums].at(-1)).toBe(1)
})
