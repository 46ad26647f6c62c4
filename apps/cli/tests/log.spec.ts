import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  createMemorySigner,
  decodeBase64url,
  encodeBase64url,
  formatLogEntry,
  generateSigningKey,
  MEDIA_TYPE,
  readAssignmentRecord,
  readSubordinateStatement,
  recordHash,
} from '@arc3088/records'
import {
  createNoteSigner,
  EMPTY_EDGE,
  encodeEntryBundle,
  growTree,
  hashLeaf,
  sha256,
  signCheckpoint,
  TILE_WIDTH,
  tilePath,
  tileWidthAt,
  type NoteSigner,
} from '@arc3088/tlog'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { run } from '../src/run.ts'

const ORIGIN = 'node.example/tlog'
const utf8 = new TextEncoder()

let server: Server
let address: string
let folder: string
let signer: NoteSigner
const pages = new Map<string, { body: Uint8Array | string; mediaType?: string }>()

async function newSigner(name: string): Promise<NoteSigner> {
  const { privateJwk, publicJwk } = await generateSigningKey('Ed25519')
  const key = await createMemorySigner({ alg: 'Ed25519', privateJwk })
  const publicKey = decodeBase64url(publicJwk.x)
  if (publicKey === undefined) throw new Error('no key')
  return createNoteSigner({ name, publicKey, algorithm: 1, sign: (message) => key.sign(message) })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'arc3088-log-'))
  signer = await newSigner(ORIGIN)
  server = createServer((request, response) => {
    const accept = request.headers.accept ?? ''
    const page = pages.get(`${request.url} ${accept}`) ?? pages.get(request.url ?? '')
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': page?.mediaType ?? 'text/plain' })
    response.end(page?.body)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  pages.clear()
})

function entry(i: number, c = `1.2.156.3088.1.1.34C2.478BDF.${i}`): string {
  return formatLogEntry({
    v: 1,
    t: 'assign',
    c,
    h: encodeBase64url(sha256(utf8.encode(`${i}`))),
    i: 1_790_000_000 + i,
  })
}

/** Serves a log of these entries as tlog-tiles, at `/tlog/`. */
async function serveLog(entries: readonly string[], by: NoteSigner = signer): Promise<void> {
  const bytes = entries.map((each) => utf8.encode(each))
  const { root, tiles } = growTree(EMPTY_EDGE, bytes.map(hashLeaf))
  for (const tile of tiles) pages.set(`/tlog/${tilePath(tile)}`, { body: tile.data })
  for (let index = 0; index * TILE_WIDTH < bytes.length; index += 1) {
    const width = tileWidthAt('entries', index, bytes.length)
    const body = encodeEntryBundle(bytes.slice(index * TILE_WIDTH, index * TILE_WIDTH + width))
    pages.set(`/tlog/${tilePath({ level: 'entries', index, width })}`, { body })
  }
  const checkpoint = await signCheckpoint({ origin: ORIGIN, size: bytes.length, root }, by)
  pages.set('/tlog/checkpoint', { body: checkpoint })
}

async function type(
  ...argv: string[]
): Promise<{ code: number; json: Record<string, unknown>; err: string }> {
  let out = ''
  let err = ''
  const code = await run([...argv, '--json'], {
    environment: {},
    input: undefined,
    now: () => new Date('2026-11-22T00:00:00Z'),
    write: async (text) => {
      out += text
    },
    complain: (text) => {
      err += text
    },
  })
  return { code, json: out === '' ? {} : (JSON.parse(out) as Record<string, unknown>), err }
}

async function fsck(...more: string[]) {
  const answer = await type('log', 'fsck', `${address}/tlog/`, '--vkey', signer.vkey, ...more)
  const faults = (answer.json['faults'] ?? []) as { code: string; detail: string }[]
  return { ...answer, codes: [...new Set(faults.map(({ code }) => code))], faults }
}

function count(size: number): string[] {
  return Array.from({ length: size }, (_, i) => entry(i))
}

function damage(path: string): void {
  const page = pages.get(path)
  const body = Buffer.from(page?.body ?? '')
  body[body.length - 1] = (body.at(-1) ?? 0) ^ 1
  pages.set(path, { body })
}

describe('log fsck', () => {
  test.each([0, 1, 255, 256, 257, 700])('finds a log of %i entries sound', async (size) => {
    await serveLog(count(size))
    const { code, json } = await fsck()
    expect({ code, sound: json['sound'], entries: json['entries'] }).toEqual({
      code: 0,
      sound: true,
      entries: size,
    })
  })

  test('finds tiles of every level in a log of more than 65536 entries', async () => {
    await serveLog(count(65_536 + 3))
    const { code, json } = await fsck()
    expect({ code, entries: json['entries'] }).toEqual({ code: 0, entries: 65_539 })
  })

  test('is no good word where nobody said whose signature it should bear', async () => {
    await serveLog(count(3))
    const { code, json } = await type('log', 'fsck', `${address}/tlog/`)
    expect({ code, signature: json['signature'], sound: json['sound'] }).toEqual({
      code: 2,
      signature: 'unknown',
      sound: true,
    })
  })

  test('refuses a checkpoint by another key', async () => {
    await serveLog(count(3), await newSigner(ORIGIN))
    const { code, err } = await fsck()
    expect([code, err]).toEqual([1, expect.stringContaining('log-signature-missing')])
  })

  test.each([
    ['a tile of hashes', '/tlog/tile/0/001', ['tile-wrong']],
    ['a tile above', '/tlog/tile/1/000.p/2', ['tile-wrong']],
    ['the last tile', '/tlog/tile/0/002.p/188', ['tile-wrong']],
  ])('names %s that was changed', async (_, path, codes) => {
    await serveLog(count(700))
    damage(path)
    expect(await fsck()).toMatchObject({ code: 1, codes })
  })

  test('names an entry that was changed: it hashes to nothing the log signed', async () => {
    await serveLog(count(700))
    const body = Buffer.from(pages.get('/tlog/tile/entries/001')?.body ?? '')
    const at = body.indexOf('478BDF')
    body.write('478BDG', at)
    pages.set('/tlog/tile/entries/001', { body })
    const { code, codes } = await fsck()
    expect([code, codes]).toEqual([1, ['tile-wrong', 'root-wrong']])
  })

  test('names an entry in another spelling, though its hash is right', async () => {
    await serveLog([...count(4), entry(4).replace('{', '{ '), 'rubbish'])
    expect(await fsck()).toMatchObject({
      code: 1,
      codes: ['entry-malformed'],
      faults: [
        { detail: expect.stringContaining('entry 4') as string },
        { detail: expect.stringContaining('entry 5') as string },
      ],
    })
  })

  test('names a code that stands assigned twice, in clear or hidden', async () => {
    const hidden = 'h'.repeat(43)
    await serveLog([
      ...count(300),
      entry(7_000, hidden),
      entry(301, '1.2.156.3088.1.1.34C2.478BDF.9'),
      entry(302, hidden),
    ])
    const { code, faults } = await fsck()
    expect([code, faults.map((fault) => fault.detail)]).toEqual([
      1,
      [
        '1.2.156.3088.1.1.34C2.478BDF.9 stands assigned as entry 9 and as entry 301',
        `${hidden} stands assigned as entry 300 and as entry 302`,
      ],
    ])
  })

  test('names what is missing', async () => {
    await serveLog(count(700))
    pages.delete('/tlog/tile/0/000')
    expect(await fsck()).toMatchObject({ code: 1, codes: ['tile-missing'] })
    pages.delete('/tlog/tile/entries/001')
    expect((await fsck()).codes).toContain('bundle-missing')
  })

  test('takes the full tile where the partial one was dropped', async () => {
    await serveLog(count(300))
    // Of the level above there is no full tile yet, so its partial ones stay.
    const kept = ['/tlog/checkpoint', '/tlog/tile/1/000.p/1'].map((path) => [path, pages.get(path)] as const)
    pages.clear()
    await serveLog(count(512))
    for (const [path, page] of kept) if (page !== undefined) pages.set(path, page)
    expect(await fsck()).toMatchObject({ code: 0, json: { entries: 300 } })
  })

  test('could not tell where nobody answers', async () => {
    expect((await type('log', 'fsck', 'http://127.0.0.1:9/tlog/')).code).toBe(2)
    expect((await type('log', 'fsck', 'ftp://127.0.0.1/tlog/')).code).toBe(2)
  })
})

describe('log fsck --state', () => {
  test('remembers a log that grew, and names one that forked or was rolled back', async () => {
    const state = join(folder, 'state.json')
    await serveLog(count(300))
    expect(await fsck('--state', state)).toMatchObject({ code: 0 })
    await serveLog(count(700))
    expect(await fsck('--state', state)).toMatchObject({ code: 0 })
    const remembered = readFileSync(state, 'utf8')

    const other = [...count(299), entry(5_000), ...count(800).slice(300)]
    await serveLog(other)
    expect(await fsck('--state', state)).toMatchObject({ code: 1, codes: ['log-forked'] })
    await serveLog(count(699))
    expect(await fsck('--state', state)).toMatchObject({ code: 1, codes: ['log-rolled-back'] })
    expect(readFileSync(state, 'utf8')).toBe(remembered)

    await serveLog(count(700))
    expect(await fsck('--state', state)).toMatchObject({ code: 0 })
  })
})

describe('log proof', () => {
  interface Vector {
    readonly code: string
    readonly bundle: { records: string[]; chains: string[][]; tlog_proofs: Record<string, string> }
  }
  const file = new URL('../../../vectors/evidence/valid/log-witnessed.json', import.meta.url)
  const vector = JSON.parse(readFileSync(file, 'utf8')) as Vector

  async function serveProof(change: (proof: string) => string = (proof) => proof): Promise<string> {
    const [, , , jws = ''] = vector.bundle.records
    const read = readAssignmentRecord(jws)
    if (read.kind === 'rejected') throw new Error(read.detail)
    const path = `/v1/codes/${read.claims.sub}`
    pages.set(`${path} ${MEDIA_TYPE.assignmentRecord}`, { body: jws, mediaType: MEDIA_TYPE.assignmentRecord })
    pages.set(`${path}/log-proof`, { body: change(vector.bundle.tlog_proofs[await recordHash(jws)] ?? '') })
    const statement = readSubordinateStatement(vector.bundle.chains[0]?.[1] ?? '')
    if (statement.kind === 'rejected') throw new Error(statement.detail)
    return statement.claims.metadata.agent_code_provider.tlog?.vkeys[0] ?? ''
  }

  test('prints the proof, and where it says the record stands', async () => {
    const vkey = await serveProof()
    const { code, json } = await type('log', 'proof', address, vector.code, '--vkey', vkey)
    expect({ code, json }).toMatchObject({
      code: 0,
      json: { verified: true, index: 9, size: 13, origin: 'p1.example/tlog' },
    })
  })

  test('refuses a changed one, and one of another record', async () => {
    const vkey = await serveProof((proof) => proof.replace('index 9', 'index 8'))
    expect((await type('log', 'proof', address, vector.code, '--vkey', vkey)).code).toBe(1)
    const [, , other = ''] = vector.bundle.records
    const hash = await recordHash(other)
    await serveProof(() => vector.bundle.tlog_proofs[hash] ?? '')
    const { code, err } = await type('log', 'proof', address, vector.code, '--vkey', vkey)
    expect([code, err]).toEqual([1, expect.stringContaining('log-proof-invalid')])
  })

  test('refuses a good proof of the record of another code, and takes the code in any letters', async () => {
    const vkey = await serveProof()
    const [, , , jws = ''] = vector.bundle.records
    const other = vector.code.replace(/[^.]+$/, '0')
    const proof = vector.bundle.tlog_proofs[await recordHash(jws)] ?? ''
    const record = { body: jws, mediaType: MEDIA_TYPE.assignmentRecord }
    pages.set(`/v1/codes/${other} ${MEDIA_TYPE.assignmentRecord}`, record)
    pages.set(`/v1/codes/${other}/log-proof`, { body: proof })
    const { code, err } = await type('log', 'proof', address, other, '--vkey', vkey)
    expect([code, err]).toEqual([1, expect.stringContaining('sub-wrong')])
    const small = vector.code.toLowerCase()
    pages.set(`/v1/codes/${small} ${MEDIA_TYPE.assignmentRecord}`, record)
    pages.set(`/v1/codes/${small}/log-proof`, { body: proof })
    expect((await type('log', 'proof', address, small, '--vkey', vkey)).code).toBe(0)
  })

  test('says that it verified nothing where nobody named a key', async () => {
    await serveProof()
    const { code, json } = await type('log', 'proof', address, vector.code)
    expect({ code, verified: json['verified'] }).toEqual({ code: 2, verified: false })
  })

  test('is 1 where there is none', async () => {
    const vkey = await serveProof()
    pages.clear()
    expect((await type('log', 'proof', address, vector.code, '--vkey', vkey)).code).toBe(1)
  })
})
