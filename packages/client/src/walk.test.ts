import { readFileSync } from 'node:fs'

import { MEDIA_TYPE, readAssignmentRecord, readStatusListToken, recordHash } from '@arc3088/records'
import { pinAnchor } from '@arc3088/trust'
import { describe, expect, test } from 'vitest'

import { WALK_DOCUMENTS_MAX } from './basket.ts'
import type { FetchedDocument } from './fetch-document.ts'
import { createRegistryClient } from './registry-client.ts'

interface Vector {
  readonly code: string
  readonly at: number
  readonly anchor: unknown
  readonly bundle: {
    readonly records: string[]
    readonly chains: string[][]
    readonly root_keys: unknown[]
    readonly status_list_tokens: string[]
    readonly tlog_proofs?: Record<string, string>
    readonly key_histories?: string[]
    readonly resolution?: string
  }
}

function readVector(path: string): Vector {
  const file = new URL(`../../../vectors/evidence/${path}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as Vector
}

const ROOT = 'https://root.example'
const P1 = 'https://p1.example'
const PENDING: Answer = {
  status: 404,
  mediaType: 'application/problem+json',
  body: '{"code":"log-proof-pending"}',
}

type Answer = Pick<FetchedDocument, 'status' | 'mediaType' | 'body'>

function ok(mediaType: string, body: string): Answer {
  return { status: 200, mediaType, body }
}

/** The nodes of a vector: every part of its bundle at the address where its node would serve it. */
async function networkOf({ bundle }: Vector): Promise<Map<string, Answer>> {
  const [leaf = '', statement = '', root = ''] = bundle.chains[0] ?? []
  const pages = new Map<string, Answer>([
    [`${ROOT}/.well-known/agent-code-root-keys`, ok(MEDIA_TYPE.rootKeySet, JSON.stringify(bundle.root_keys))],
    [`${ROOT}/.well-known/openid-federation`, ok(MEDIA_TYPE.entityStatement, root)],
    [`${ROOT}/federation/fetch?sub=${encodeURIComponent(P1)}`, ok(MEDIA_TYPE.entityStatement, statement)],
    [`${P1}/.well-known/openid-federation`, ok(MEDIA_TYPE.entityStatement, leaf)],
  ])
  for (const jws of bundle.records) {
    const read = readAssignmentRecord(jws)
    if (read.kind === 'rejected') throw new Error(read.detail)
    const { sub, iss } = read.claims
    const proof = bundle.tlog_proofs?.[await recordHash(jws)]
    pages.set(`${iss}/v1/codes/${sub}`, ok(MEDIA_TYPE.assignmentRecord, jws))
    pages.set(`${iss}/v1/codes/${sub}/log-proof`, proof === undefined ? PENDING : ok('text/plain', proof))
  }
  for (const token of bundle.status_list_tokens) {
    const read = readStatusListToken(token)
    if (read.kind === 'read') pages.set(read.claims.sub, ok(MEDIA_TYPE.statusListToken, token))
  }
  const [history] = bundle.key_histories ?? []
  if (history !== undefined) pages.set(`${P1}/federation/historical-keys`, ok(MEDIA_TYPE.keyHistory, history))
  return pages
}

async function clientOf(vector: Vector, change: (pages: Map<string, Answer>) => void = () => undefined) {
  const anchor = pinAnchor(JSON.stringify(vector.anchor))
  if ('kind' in anchor) throw new Error(anchor.detail)
  const pages = await networkOf(vector)
  change(pages)
  const asked: { url: string; accept: string | undefined }[] = []
  let now = vector.at
  const client = createRegistryClient({
    anchor,
    now: () => new Date(now * 1000),
    fetchDocument({ url, headers }) {
      asked.push({ url, accept: headers['accept'] })
      const live = headers['accept'] === MEDIA_TYPE.resolutionAnswer ? pages.get(`live ${url}`) : undefined
      const page = live ?? pages.get(url)
      const answer = page ?? { status: 404, mediaType: 'text/html', body: 'nothing here' }
      return Promise.resolve({ ...answer, headers: {} })
    },
  })
  return {
    client,
    asked,
    setNow(seconds: number) {
      now = seconds
    },
  }
}

const witnessed = readVector('valid/log-witnessed')
const instance = `${P1}/v1/codes/${witnessed.code}`

describe('where the anchor names a witnessed log', () => {
  test('a walk brings the proof of every record, and the verdict says so', async () => {
    const { client, asked } = await clientOf(witnessed)
    const resolution = await client.resolve(witnessed.code)
    expect(resolution).toMatchObject({ verdict: 'valid', log: 'proved', notes: [] })
    expect(asked.filter(({ url }) => url.endsWith('/log-proof'))).toHaveLength(4)
    expect(asked.length).toBeLessThanOrEqual(WALK_DOCUMENTS_MAX)
  })

  test('a proof is asked for once: it stays true', async () => {
    const { client, asked, setNow } = await clientOf(witnessed)
    await client.resolve(witnessed.code)
    const before = asked.length
    setNow(witnessed.at + 400)
    expect(await client.resolve(witnessed.code)).toMatchObject({ verdict: 'valid' })
    const again = asked.slice(before).map(({ url }) => url)
    expect(again.length).toBeGreaterThan(0)
    expect(again.filter((url) => url.endsWith('/log-proof'))).toEqual([])
  })

  test('an answer is kept without the evidence that it rests on', async () => {
    const { client } = await clientOf(witnessed)
    await client.lookUp(witnessed.code)
    const kept = client.recall(witnessed.code)
    expect(kept).toMatchObject({ assessment: { verdict: 'valid' } })
    expect(kept).not.toHaveProperty('evidence')
  })

  test('evidence collected is whole without a network', async () => {
    const { client } = await clientOf(witnessed)
    const { tlog_proofs: proofs } = await client.collectEvidence(witnessed.code)
    expect(proofs).toEqual(witnessed.bundle.tlog_proofs)
  })

  test('a changed proof is refused', async () => {
    const { client } = await clientOf(witnessed, (pages) => {
      const page = pages.get(`${instance}/log-proof`)
      if (page !== undefined)
        pages.set(`${instance}/log-proof`, { ...page, body: page.body.replace('index 9', 'index 8') })
    })
    const { verdict, reasons } = await client.resolve(witnessed.code)
    expect({ verdict, reason: reasons[0]?.code }).toEqual({
      verdict: 'chain-invalid',
      reason: 'log-proof-invalid',
    })
  })

  test('a proof that does not come leaves it undecided, and says why', async () => {
    const { client, asked } = await clientOf(witnessed, (pages) =>
      pages.set(`${instance}/log-proof`, PENDING),
    )
    const { verdict, reasons } = await client.resolve(witnessed.code)
    expect({ verdict, reason: reasons.at(-1)?.code }).toEqual({
      verdict: 'indeterminate',
      reason: 'log-proof-missing',
    })
    // A record that is still on its way into the log is one for which a live answer could vouch.
    expect(asked).toContainEqual({ url: instance, accept: MEDIA_TYPE.resolutionAnswer })
  })
})

test('where the anchor names no witnessed log, no proof is asked for', async () => {
  const plain = readVector('valid/plain')
  const { client, asked } = await clientOf(plain)
  expect(await client.resolve(plain.code)).toMatchObject({ verdict: 'valid', log: 'not-required' })
  expect(asked.filter(({ url }) => url.endsWith('/log-proof'))).toEqual([])
})

describe('a question about the past', () => {
  const past = `${instance}?at=${witnessed.at - 60}`

  test('asks the node for that instant, and is undecided without its answer', async () => {
    const { client, asked } = await clientOf(witnessed)
    const { verdict } = await client.resolve(witnessed.code, { at: witnessed.at - 60 })
    expect(verdict).toBe('indeterminate')
    expect(asked).toContainEqual({ url: past, accept: MEDIA_TYPE.resolutionAnswer })
  })

  test('does not take an answer about another instant', async () => {
    const other = readVector('refused/negative-logged')
    const url = `${P1}/v1/codes/${other.code}`
    const body = other.bundle.resolution ?? ''
    const { client } = await clientOf(other, (pages) => {
      const answer = { status: 404, mediaType: MEDIA_TYPE.resolutionAnswer, body }
      pages
        .set(url, answer)
        .set(`${url}?at=${other.at - 60}`, answer)
        .set(`${url}?at=${other.at}`, answer)
    })
    expect(await client.resolve(other.code, { at: other.at - 60 })).toMatchObject({
      verdict: 'chain-invalid',
      reasons: [{ code: 'answer-other-instant' }],
    })
    expect(await client.resolve(other.code, { at: other.at })).toMatchObject({ verdict: 'not-assigned' })
    expect(await client.resolve(other.code)).toMatchObject({ verdict: 'not-assigned' })
  })
})

test('says what the anchor, and nobody else, says of a log', async () => {
  const { client } = await clientOf(readVector('valid/log-self-described'))
  expect(await client.findLog(`${ROOT}/tlog/`)).toMatchObject({ origin: 'root.example/tlog', quorum: 1 })
  expect(await client.findLog(`${P1}/tlog/`)).toMatchObject({ origin: 'p1.example/tlog', quorum: 1 })
  expect(await client.findLog('https://stranger.example/tlog/')).toBeUndefined()
})

describe('a record under a key that its issuer uses no more', () => {
  const retired = readVector('valid/key-retired')

  test('is followed by the history of its issuer, which is asked for only then', async () => {
    const { client, asked } = await clientOf(retired)
    expect(await client.resolve(retired.code)).toMatchObject({ verdict: 'valid', log: 'proved' })
    expect(asked.filter(({ accept }) => accept === MEDIA_TYPE.keyHistory)).toHaveLength(1)
    const other = await clientOf(witnessed)
    await other.client.resolve(witnessed.code)
    expect(other.asked.filter(({ accept }) => accept === MEDIA_TYPE.keyHistory)).toEqual([])
  })

  test('is refused where the history does not come', async () => {
    const { client } = await clientOf(retired, (pages) => pages.delete(`${P1}/federation/historical-keys`))
    const { verdict, reasons } = await client.resolve(retired.code)
    expect({ verdict, reason: reasons[0]?.code }).toEqual({
      verdict: 'signature-invalid',
      reason: 'key-unknown',
    })
  })
})
