import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { MEDIA_TYPE, type CompactJws } from '@arc3088/records'
import { expect, test } from 'vitest'

import type { EvidenceAbove } from './collect-evidence.ts'
import { expressBundle } from './express-bundle.ts'

const NO_BODY = Buffer.alloc(0)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** A node whose parts nobody holds but the lane itself. */
function createNode() {
  const node = { proof: 'proof', above: newAbove('root'), read: [] as WeakRef<object>[], reads: 0 }
  const route = expressBundle({
    above: () => Promise.resolve(node.above),
    signStatusList: (list) => Promise.resolve(jwsOf(`token-${list}`)),
    parts: {
      find(text) {
        const number = (node.reads += 1)
        const { proof } = node
        const part = { number, jws: jwsOf(text), hash: `#${text}`, proof, list: 0, parent: undefined }
        node.read.push(new WeakRef(part))
        return part
      },
    },
  })
  async function bundle(code: string): Promise<unknown> {
    const answer = await route.answer({
      method: 'GET',
      target: `/v1/codes/${code}`,
      headers: {},
      body: NO_BODY,
    })
    expect(answer?.headers['content-type']).toBe(MEDIA_TYPE.evidenceBundle)
    const pieces = answer?.body
    return JSON.parse(Buffer.concat(Array.isArray(pieces) ? pieces : []).toString())
  }
  return { node, bundle }
}

function newAbove(name: string): EvidenceAbove {
  return { records: [jwsOf(name)], status_list_tokens: [] }
}

function jwsOf(text: string): CompactJws {
  return `${text}..` as CompactJws
}

async function held(refs: readonly WeakRef<object>[]): Promise<number> {
  await setImmediate()
  collectGarbage()
  return refs.filter((ref) => ref.deref() !== undefined).length
}

test('a bundle that is kept says what its parts and its frame say now', async () => {
  const { node, bundle } = createNode()
  expect(await bundle('1.1')).toMatchObject({
    records: ['root..', '1.1..'],
    tlog_proofs: { '#1.1': 'proof' },
  })
  await setImmediate()
  node.proof = 'newer'
  node.above = newAbove('newer root')
  expect(await bundle('1.1')).toMatchObject({
    records: ['newer root..', '1.1..'],
    tlog_proofs: { '#1.1': 'newer' },
  })
})

test('bundles that are kept hold neither their parts nor a frame that was replaced', async () => {
  const { node, bundle } = createNode()
  const replaced = new WeakRef(node.above)
  for (const code of ['1.1', '1.2', '1.3']) await bundle(code)
  await setImmediate()
  node.above = newAbove('newer root')
  await bundle('1.4')
  await expect.poll(() => held([...node.read, replaced]), { timeout: 20_000 }).toBe(0)
})
