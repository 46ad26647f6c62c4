import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Signer } from '@arc3088/records'
import { openOutboundDoor, type OutboundDoor } from '@arc3088/service'
import type { TestDatabase } from '@arc3088/testkit'
import { appendSignature, cosignCheckpoint, parseNote, type AddCheckpoint } from '@arc3088/tlog'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import { createCosigner, createWitnessAsker, type IssuerTables } from '../src/index.ts'
import { onePerUrl } from '../src/witness/ask-witness.ts'
import { createIssuerDatabase } from './test-issuer.ts'
import { createTestLog, newLogKey, type TestLog } from './test-log.ts'
import { startWitness, WITNESS_ENTITY } from './test-witness.ts'

const NOW = new Date()
const ambient = { now: () => NOW }
const seconds = Math.floor(NOW.getTime() / 1000)

let key: Signer
let log: TestLog
let database: TestDatabase<IssuerTables>
const toClose: (() => unknown)[] = []

beforeAll(async () => {
  key = await newLogKey()
  log = createTestLog('https://p1.example', await newLogKey())
  database = await createIssuerDatabase()
})
afterEach(async () => {
  for (const close of toClose.splice(0)) await close()
})
afterAll(() => database.drop())

function openDoor(secondsMax = 5, allowLoopbackHttp = true): OutboundDoor {
  const door = openOutboundDoor({ allowLoopbackHttp }, { secondsMax })
  toClose.push(() => door.close())
  return door
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  toClose.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function requestOf(from: number, to: number): Promise<AddCheckpoint> {
  return { oldSize: from, proof: log.proof(from, to), checkpoint: await log.checkpoint(to) }
}

const cosigner = () => createCosigner(WITNESS_ENTITY, key)

async function lineOf(signer = cosigner(), time = seconds, size = 3): Promise<string> {
  return await cosignCheckpoint(parseNote(await log.checkpoint(size))?.body ?? '', signer, time)
}

/** Asks a witness that answers so. */
async function askAnswering(
  status: number,
  body: string,
  headers: Record<string, string> = {},
  vkey = cosigner().vkey,
) {
  const url = await serve((_, outgoing) => outgoing.writeHead(status, headers).end(body))
  return await createWitnessAsker(openDoor(), ambient)({ vkey, url }, await requestOf(0, 3))
}

test('brings the line of a real witness, and the size that it knows where that is another', async () => {
  await using witness = await startWitness(database, {
    key,
    watched: new Map([[log.origin, { vkeys: [log.vkey] }]]),
  })
  const ask = createWitnessAsker(openDoor(), { now: () => new Date() })
  const address = { vkey: witness.cosigner.vkey, url: witness.url }
  const first = await ask(address, await requestOf(0, 3))
  if (first.kind !== 'cosigned') throw new Error(JSON.stringify(first))
  expect(appendSignature(await log.checkpoint(3), first.line)).toContain('— root.example ')
  expect(await ask(address, await requestOf(0, 5))).toEqual({ kind: 'conflict', size: 3 })
  expect(await ask(address, await requestOf(3, 5))).toMatchObject({ kind: 'cosigned' })
  const fork = log.fork(1, 'fork')
  const forked = { oldSize: 5, proof: [], checkpoint: await fork.checkpoint(5) }
  expect(await ask(address, forked)).toMatchObject({ kind: 'refused', status: 409 })
  const unproved = { oldSize: 5, proof: log.proof(5, 6), checkpoint: await fork.checkpoint(6) }
  expect(await ask(address, unproved)).toMatchObject({ kind: 'refused', status: 422 })
})

test('sends exactly one POST to add-checkpoint below the base of the witness', async () => {
  const seen: unknown[] = []
  const base = await serve((incoming, outgoing) => {
    let body = ''
    incoming.setEncoding('utf8').on('data', (text: string) => (body += text))
    incoming.on('end', () => {
      seen.push([incoming.method, incoming.url, body.split('\n')[0]])
      outgoing.writeHead(503).end('later')
    })
  })
  const ask = createWitnessAsker(openDoor(), ambient)
  const answer = await ask({ vkey: cosigner().vkey, url: `${base}witness/` }, await requestOf(2, 3))
  expect(answer).toEqual({ kind: 'refused', status: 503, detail: 'later' })
  expect(seen).toEqual([['POST', '/witness/add-checkpoint', 'old 2']])
})

test('counts the one line of the witness’ own key, and drops those of others', async () => {
  const stranger = createCosigner('https://stranger.example', await newLogKey())
  const own = await lineOf()
  expect(await askAnswering(200, (await lineOf(stranger)) + own)).toEqual({
    kind: 'cosigned',
    line: own,
    timestamp: seconds,
  })
})

test('counts a cosignature by any key that the witness is listed with', async () => {
  const next = createCosigner(WITNESS_ENTITY, await newLogKey())
  const line = await lineOf(next)
  let asked = 0
  const url = await serve((_, outgoing) => {
    asked += 1
    outgoing.end(line)
  })
  const witnesses = onePerUrl([cosigner(), next].map(({ vkey }) => ({ vkey, url })))
  const ask = createWitnessAsker(openDoor(), ambient)
  const request = await requestOf(2, 3)
  const answers = await Promise.all(witnesses.map((witness) => ask(witness, request)))
  expect([answers, asked]).toEqual([[{ kind: 'cosigned', line, timestamp: seconds }], 1])
})

test.each<[string, () => Promise<string>]>([
  ['is no signature line', () => Promise.resolve('thank you\n')],
  ['is empty', () => Promise.resolve('')],
  ['is of a stranger', async () => await lineOf(createCosigner('https://root.example', await newLogKey()))],
  ['is of another checkpoint', () => lineOf(cosigner(), seconds, 4)],
  ['is of the future', () => lineOf(cosigner(), seconds + 120)],
  ['stands twice', async () => (await lineOf()) + (await lineOf(cosigner(), seconds - 1))],
  ['has no newline', async () => (await lineOf()).trimEnd()],
  [
    'has one bit changed',
    async () => {
      const line = await lineOf()
      const other = line.at(-10) === 'A' ? 'B' : 'A'
      return line.slice(0, -10) + other + line.slice(-9)
    },
  ],
])('does not count an answer that %s', async (_, answer) => {
  expect(await askAnswering(200, await answer())).toMatchObject({ kind: 'refused', status: 200 })
})

test.each([
  ['with another media type', '3\n', { 'content-type': 'text/plain' }],
  ['without a newline', '3', { 'content-type': 'text/x.tlog.size' }],
  ['with a leading zero', '03\n', { 'content-type': 'text/x.tlog.size' }],
  ['beyond what a number holds', '9999999999999999\n', { 'content-type': 'text/x.tlog.size' }],
])('takes no size from a 409 %s', async (_, body, headers) => {
  expect(await askAnswering(409, body, headers)).toMatchObject({ kind: 'refused', status: 409 })
})

test('reads the size of a 409', async () => {
  expect(await askAnswering(409, '12\n', { 'content-type': 'text/x.tlog.size' })).toEqual({
    kind: 'conflict',
    size: 12,
  })
})

test('does not ask a witness whose key is none, nor one whose key is a log’s', async () => {
  let asked = 0
  const url = await serve((_, outgoing) => {
    asked += 1
    outgoing.end()
  })
  const ask = createWitnessAsker(openDoor(), ambient)
  for (const vkey of ['nonsense', log.vkey])
    expect(await ask({ vkey, url }, await requestOf(0, 3))).toMatchObject({ kind: 'unreachable' })
  expect(asked).toBe(0)
})

test('follows no redirect, waits no longer than the door allows, reads no endless answer, and reaches no inner address', async () => {
  const vkey = cosigner().vkey
  const line = await lineOf()
  const target = await serve((_, outgoing) => outgoing.end(line))
  const redirecting = await serve((_, outgoing) =>
    outgoing.writeHead(307, { location: `${target}add-checkpoint` }).end(),
  )
  const silent = await serve(() => undefined)
  const endless = await serve((_, outgoing) => outgoing.end('x'.repeat(100_000)))
  const closed = await serve((incoming) => incoming.socket.destroy())
  const ask = createWitnessAsker(openDoor(0.5), ambient)
  for (const url of [redirecting, silent, endless, closed])
    expect(await ask({ vkey, url }, await requestOf(0, 3))).toMatchObject({ kind: 'unreachable' })
  const strict = createWitnessAsker(openDoor(5, false), ambient)
  for (const url of [target, 'https://127.0.0.1/', 'https://10.0.0.1/', 'http://root.example/', 'nonsense'])
    expect(await strict({ vkey, url }, await requestOf(0, 3))).toMatchObject({ kind: 'unreachable' })
})
