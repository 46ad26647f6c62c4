import { readdirSync, readFileSync } from 'node:fs'

import {
  createMemorySigner,
  MEDIA_TYPE,
  readAssignmentRecord,
  readRecognitionList,
  readRootKeySet,
  readStatusListToken,
  recordHash,
  signEntityConfiguration,
  type PrivateJwk,
  type RootKeySetJws,
} from '@arc3088/records'
import { pinAnchor, verifyEvidence } from '@arc3088/trust'
import { expect, test } from 'vitest'

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
    readonly root_keys: RootKeySetJws[]
    readonly status_list_tokens: string[]
    readonly tlog_proofs?: Record<string, string>
    readonly recognition: {
      readonly list: string
      readonly agreement: unknown
      readonly events: string[]
      readonly root_keys: RootKeySetJws[]
    }
  }
  readonly expect: { readonly verdict: string }
}

const vectors = new URL('../../../vectors/agreements/', import.meta.url)
const testKeys = new URL('../../../vectors/evidence/test-keys.json', import.meta.url)

function readJson(url: URL): unknown {
  return JSON.parse(readFileSync(url, 'utf8'))
}

const ROOT = 'https://root.example'
const F = 'https://f.example'
const FP = 'https://fp.example'

type Answer = Pick<FetchedDocument, 'status' | 'mediaType' | 'body'>
const ok = (mediaType: string, body: string): Answer => ({ status: 200, mediaType, body })

function issuerOf(set: RootKeySetJws): string {
  const read = readRootKeySet(set)
  if (read.kind === 'rejected') throw new Error(read.detail)
  return read.claims.iss
}

/** Every part of a vector at the address where its node would serve it. */
async function networkOf(vector: Vector, homeStatement: string): Promise<Map<string, Answer>> {
  const { records, chains, root_keys: foreignKeys, recognition, ...bundle } = vector.bundle
  const [leaf = '', statement = '', foreignRoot = ''] = chains[0] ?? []
  const list = readRecognitionList(recognition.list)
  if (list.kind === 'rejected') throw new Error(list.detail)
  const uri = list.claims.entries[0]?.agreement.uri ?? ''
  const ofHome = recognition.root_keys.filter((set) => issuerOf(set) === ROOT)
  const ofOthers = recognition.root_keys.filter((set) => issuerOf(set) !== ROOT)
  const keySets = (sets: readonly RootKeySetJws[]) => ok(MEDIA_TYPE.rootKeySet, JSON.stringify(sets))
  const statementAt = `${F}/federation/fetch?sub=${encodeURIComponent(FP)}`
  const pages = new Map<string, Answer>([
    [`${ROOT}/.well-known/agent-code-root-keys`, keySets(ofHome)],
    [`${ROOT}/.well-known/openid-federation`, ok(MEDIA_TYPE.entityStatement, homeStatement)],
    [`${ROOT}/v1/recognition-list`, ok(MEDIA_TYPE.recognitionList, recognition.list)],
    [uri, ok(MEDIA_TYPE.generalJws, JSON.stringify(recognition.agreement))],
    [
      `${uri}/events`,
      ok('application/json', JSON.stringify({ events: recognition.events, root_keys: ofOthers })),
    ],
    [`${F}/.well-known/agent-code-root-keys`, keySets(foreignKeys)],
    [`${F}/.well-known/openid-federation`, ok(MEDIA_TYPE.entityStatement, foreignRoot)],
    [statementAt, ok(MEDIA_TYPE.entityStatement, statement)],
    [`${FP}/.well-known/openid-federation`, ok(MEDIA_TYPE.entityStatement, leaf)],
  ])
  for (const jws of records) {
    const read = readAssignmentRecord(jws)
    if (read.kind === 'rejected') throw new Error(read.detail)
    const { sub, iss } = read.claims
    const proof = bundle.tlog_proofs?.[await recordHash(jws)]
    pages.set(`${iss}/v1/codes/${sub}`, ok(MEDIA_TYPE.assignmentRecord, jws))
    if (proof !== undefined) pages.set(`${iss}/v1/codes/${sub}/log-proof`, ok('text/plain', proof))
  }
  for (const token of bundle.status_list_tokens) {
    const read = readStatusListToken(token)
    if (read.kind === 'read') pages.set(read.claims.sub, ok(MEDIA_TYPE.statusListToken, token))
  }
  return pages
}

type TestKey = PrivateJwk & { alg: 'ES256' | 'Ed25519' }

/** The configuration of the home root, with the address of its list. */
async function homeConfiguration(at: number): Promise<string> {
  const keys = readJson(testKeys) as Record<string, TestKey>
  const signerOf = async (name: string) => {
    const privateJwk = keys[name]
    if (privateJwk === undefined) throw new Error(`there is no key ${name}`)
    return await createMemorySigner({ alg: privateJwk.alg, privateJwk })
  }
  const federation = await signerOf('root.federation')
  const [issuing, status] = [await signerOf('root.issuing'), await signerOf('root.status')]
  return await signEntityConfiguration(federation, {
    iss: ROOT,
    sub: ROOT,
    iat: at - 60,
    exp: at + 80_000,
    jwks: { keys: [federation.publicJwk] },
    metadata: {
      federation_entity: { federation_fetch_endpoint: `${ROOT}/federation/fetch` },
      agent_code_root: {
        code_prefix: '1.2.156.3088',
        scheme_versions: ['1'],
        issuing_jwks: { keys: [issuing.publicJwk] },
        status_jwks: { keys: [status.publicJwk] },
        code_resolution_uri: `${ROOT}/v1/codes/{code}`,
        recognition_list_uri: `${ROOT}/v1/recognition-list`,
      },
    },
  })
}

async function clientOf(vector: Vector) {
  const anchor = pinAnchor(JSON.stringify(vector.anchor))
  if ('kind' in anchor) throw new Error(anchor.detail)
  const pages = await networkOf(vector, await homeConfiguration(vector.at))
  const asked: string[] = []
  const client = createRegistryClient({
    anchor,
    now: () => new Date(vector.at * 1000),
    fetchDocument({ url }) {
      asked.push(url)
      return Promise.resolve({
        ...(pages.get(url) ?? { status: 404, mediaType: 'text/html', body: 'nothing here' }),
        headers: {},
      })
    },
  })
  return { client, asked, anchor }
}

test.each(readdirSync(new URL('valid/', vectors)))('walks to the verdict of %s', async (name) => {
  const vector = readJson(new URL(`valid/${name}`, vectors)) as Vector
  const { client, asked, anchor } = await clientOf(vector)
  const resolution = await client.resolve(vector.code, { detail: 'bundle' })
  expect(resolution).toMatchObject({ verdict: vector.expect.verdict, reasons: [], notes: [] })
  expect(asked.length).toBeLessThanOrEqual(WALK_DOCUMENTS_MAX)
  // What it brought home is whole without a network.
  const { at, code } = vector
  const offline = await verifyEvidence({ code, bundle: resolution.evidence, anchor, at })
  expect(offline).toMatchObject({
    verdict: vector.expect.verdict,
    recognition: { state: 'in-force', trust_anchor: F },
  })
})

test('asks a recognised root and its provider nothing but what is theirs', async () => {
  const vector = readJson(new URL('valid/bilateral.json', vectors)) as Vector
  const { client, asked } = await clientOf(vector)
  await client.resolve(vector.code)
  const origins = new Set(asked.map((url) => new URL(url).origin))
  expect(origins).toEqual(new Set([ROOT, F, FP]))
  const ofHome = asked.filter((url) => url.startsWith(ROOT)).map((url) => new URL(url).pathname)
  expect(ofHome.filter((path) => path.startsWith('/v1/codes') || path.startsWith('/status'))).toEqual([])
})
