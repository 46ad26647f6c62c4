import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { verifyRootKeySet, type RootSigningRequest, type VerifiedRootKeySet } from '@arc3088/records'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { run } from '../src/run.ts'

const ROOT = 'https://root.example'
const NOW = '2026-11-22T00:00:00Z'
const DAY = 86_400

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arc3088-ceremony-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)

interface Said {
  readonly code: number
  readonly json: Record<string, unknown>
}

async function arc3088(argv: readonly string[], now = NOW): Promise<Said> {
  let out = ''
  let err = ''
  const code = await run([...argv, '--json'], {
    environment: {},
    input: undefined,
    now: () => new Date(now),
    write: async (text) => {
      out += text
    },
    complain: (text) => {
      err += text
    },
  })
  const told = (out === '' ? err : out).trim().split('\n').at(-1) ?? ''
  return { code, json: told.startsWith('{') ? (JSON.parse(told) as Said['json']) : { complaint: told } }
}

/** A root key on a machine of its own, which is a folder here. */
async function rootKey(name: string, ...more: string[]): Promise<string> {
  await arc3088(['keys', 'generate', '--dir', at(name), '--purposes', 'root', ...more])
  return at(`${name}/root.jwk.json`)
}

async function federationKey(name: string): Promise<string> {
  await arc3088(['keys', 'generate', '--dir', at(name), '--purposes', 'federation'])
  return at(`${name}/federation.jwk.json`)
}

async function kidOf(file: string): Promise<string> {
  return String((await arc3088(['keys', 'public', file])).json['kid'])
}

/** Asks, and answers what the request said of itself. */
async function ask(name: string, ...argv: string[]): Promise<Record<string, unknown>> {
  const { code, json } = await arc3088(['root', 'request', '--out', at(name), ...argv])
  expect([code, json]).toEqual([0, expect.objectContaining({ file: at(name) })])
  return json
}

async function sign(request: string, key: string, out: string, ...more: string[]): Promise<Said> {
  const seen = await arc3088(['root', 'sign', at(request), '--key', key, ...more])
  const fingerprint = String(seen.json['fingerprint'])
  const confirmed = ['--fingerprint', fingerprint, '--out', at(out)]
  return await arc3088(['root', 'sign', at(request), '--key', key, ...confirmed, ...more])
}

async function assemble(
  request: string,
  answers: readonly string[],
  sets: string,
  out: string,
): Promise<Said> {
  return await arc3088([
    'root',
    'assemble',
    at(request),
    ...answers.map(at),
    '--sets',
    at(sets),
    '--out',
    at(out),
  ])
}

/** As a verifier walks. */
async function walk(file: string): Promise<VerifiedRootKeySet[]> {
  const walked: VerifiedRootKeySet[] = []
  for (const value of JSON.parse(readFileSync(at(file), 'utf8')) as unknown[]) {
    const next = await verifyRootKeySet(value, walked.at(-1))
    if (next.kind === 'rejected') throw new Error(next.detail)
    walked.push(next)
  }
  return walked
}

/** Set 1 with three root keys of which two sign, in `sets-1.json`. */
async function firstCeremony() {
  const keys = [await rootKey('a'), await rootKey('b'), await rootKey('c')] as const
  const federation = await federationKey('online')
  const rootKeys = keys.flatMap((file) => ['--root-key', file])
  const argv = ['--sets', at('sets-1.json'), '--entity-id', ROOT, '--threshold', '2', ...rootKeys]
  await ask('request-1', ...argv, '--federation-key', federation)
  await sign('request-1', keys[0], 'answer-1a')
  await sign('request-1', keys[1], 'answer-1b')
  // Its ledger lies beside the file that is to be.
  const { code } = await assemble('request-1', ['answer-1a', 'answer-1b'], 'sets-1.json', 'sets-1.json')
  expect(code).toBe(0)
  return { keys, federation }
}

test('two of three root keys sign a first set, and another two the next, which drops a key and takes in others', async () => {
  const { keys } = await firstCeremony()
  const [first] = await walk('sets-1.json')
  expect(first?.claims).toMatchObject({ iss: ROOT, seq: 1, threshold: 2, prev: null })
  expect(first?.claims.root_keys).toHaveLength(3)
  const newcomer = await rootKey('d')
  const nextFederation = await federationKey('online-2')
  const gone = await kidOf(keys[0])
  const change = ['--root-key', newcomer, '--federation-key', nextFederation, '--drop', gone]
  await ask('request-2', '--sets', at('sets-1.json'), ...change)
  for (const [nth, key] of [keys[1], keys[2]].entries()) {
    expect((await sign('request-2', key, `answer-2${nth}`)).code).toBe(0)
  }
  const done = await assemble('request-2', ['answer-20', 'answer-21'], 'sets-1.json', 'sets-2.json')
  expect([done.code, done.json]).toEqual([0, expect.objectContaining({ seq: 2, signatures: 2 })])
  const [, second] = await walk('sets-2.json')
  expect(second?.claims.root_keys.map(({ kid }) => kid)).not.toContain(gone)
  expect(second?.claims.keys.federation).toHaveLength(2)
  expect((second?.claims.exp ?? 0) - (second?.claims.nbf ?? 0)).toBe(365 * DAY)
})

test('says in plain words what would be signed, and signs nothing without its fingerprint', async () => {
  const { keys } = await firstCeremony()
  const gone = await kidOf(keys[2])
  await ask('request-2', '--sets', at('sets-1.json'), '--drop', gone, '--days', '90')
  let words = ''
  const terminal = { environment: {}, input: undefined, now: () => new Date(NOW), complain: () => undefined }
  const code = await run(['root', 'sign', at('request-2'), '--key', keys[0]], {
    ...terminal,
    write: async (text) => {
      words += text
    },
  })
  expect(code).toBe(2)
  expect(words).toContain(`This asks for key set 2 of ${ROOT}.`)
  expect(words).toContain('2 root keys of that one must sign it, and 2 of its own')
  expect(words).toContain('90 days')
  expect(words).toMatch(new RegExp(`GOES +ES256 +${gone}`))
  expect(words).toContain('Nothing was signed')
  const wrong = ['--fingerprint', '0000-0000', '--out', at('answer')]
  const refused = await arc3088(['root', 'sign', at('request-2'), '--key', keys[0], ...wrong])
  expect([refused.code, refused.json['code']]).toEqual([1, 'fingerprint-other'])
  expect(readdirSync(folder)).not.toContain('answer')
})

test('a key file that is sealed signs with its passphrase, and with no other', async () => {
  writeFileSync(at('passphrase'), 'a long one\n')
  writeFileSync(at('other'), 'another\n')
  const key = await rootKey('a', '--passphrase-file', at('passphrase'))
  expect(readFileSync(key, 'utf8')).toContain('ciphertext')
  const { json } = await arc3088(['keys', 'public', key, '--passphrase-file', at('passphrase')])
  writeFileSync(at('root.pub'), JSON.stringify(json))
  const federation = await federationKey('online')
  const argv = [
    '--sets',
    at('sets.json'),
    '--entity-id',
    ROOT,
    '--threshold',
    '1',
    '--root-key',
    at('root.pub'),
  ]
  await ask('request', ...argv, '--federation-key', federation)
  const without = await arc3088(['root', 'sign', at('request'), '--key', key])
  const wrong = await arc3088(['root', 'sign', at('request'), '--key', key, '--passphrase-file', at('other')])
  expect([without.json['code'], wrong.json['code']]).toEqual(['key-unusable', 'key-unusable'])
  expect((await sign('request', key, 'answer', '--passphrase-file', at('passphrase'))).code).toBe(0)
  expect((await assemble('request', ['answer'], 'sets.json', 'sets.json')).code).toBe(0)
})

test('a request that was changed on the way is refused by whoever signs, and by whoever assembles', async () => {
  const { keys } = await firstCeremony()
  await ask('request-2', '--sets', at('sets-1.json'), '--days', '30')
  const whole = JSON.parse(readFileSync(at('request-2'), 'utf8')) as RootSigningRequest
  const claims = JSON.parse(Buffer.from(whole.payload, 'base64url').toString()) as { exp: number }
  const payload = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1 })).toString('base64url')
  writeFileSync(at('changed'), JSON.stringify({ ...whole, payload }))
  const refused = await arc3088(['root', 'sign', at('changed'), '--key', keys[0]])
  expect([refused.code, refused.json['detail']]).toEqual([1, expect.stringContaining('changed on the way')])
  // With a digest that fits, it is a request that nobody here has made, and its fingerprint is another.
  await ask('request-3', '--sets', at('sets-1.json'), '--days', '31')
  rmSync(at('sets-1.json.requests'), { recursive: true })
  await sign('request-3', keys[0], 'answer-3')
  const strange = await assemble('request-3', ['answer-3'], 'sets-1.json', 'sets-2.json')
  expect(strange.json['code']).toBe('request-unknown')
})

test('no nonce is answered twice, and no request brought to an end twice', async () => {
  const { keys } = await firstCeremony()
  const again = await sign('request-1', keys[0], 'again')
  expect([again.code, again.json['code']]).toEqual([1, 'nonce-used'])
  const twice = await assemble('request-1', ['answer-1a', 'answer-1b'], 'sets-1.json', 'other.json')
  expect([twice.code, twice.json['code']]).toEqual([1, 'nonce-used'])
  expect(readdirSync(folder)).not.toContain('other.json')
})

test('answers to another request, from a stranger, changed, repeated or too few are refused', async () => {
  const { keys } = await firstCeremony()
  const ofSets = ['--sets', at('sets-1.json')]
  await ask('request-2', ...ofSets, '--days', '100')
  await ask('request-3', ...ofSets, '--days', '100')
  await sign('request-2', keys[0], 'answer-2a')
  await sign('request-2', keys[1], 'answer-2b')
  const stranger = await rootKey('stranger')
  expect((await sign('request-2', stranger, 'answer-x')).json['code']).toBe('key-unknown')
  const outcome = async (request: string, ...answers: string[]) =>
    (await assemble(request, answers, 'sets-1.json', 'sets-2.json')).json['code']
  expect(await outcome('request-3', 'answer-2a', 'answer-2b')).toBe('answer-other')
  expect(await outcome('request-2', 'answer-2a', 'answer-1b')).toBe('answer-other')
  expect(await outcome('request-2', 'answer-2a')).toBe('threshold-not-met')
  expect(await outcome('request-2', 'answer-2a', 'answer-2a')).toBe('key-repeated')
  const [head, body, tail] = readFileSync(at('answer-2b'), 'utf8').split('.')
  writeFileSync(at('forged'), `${head}.${body}.${(tail ?? '').replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`)
  expect(await outcome('request-2', 'answer-2a', 'forged')).toBe('signature-invalid')
  expect(readdirSync(folder)).not.toContain('sets-2.json')
  expect(await outcome('request-2', 'answer-2a', 'answer-2b')).toBeUndefined()
})

test('a key signs one set of a number, unless the other was given up by its nonce', async () => {
  const { keys } = await firstCeremony()
  const ofSets = ['--sets', at('sets-1.json')]
  const given = await ask('request-2', ...ofSets, '--days', '100')
  await ask('request-3', ...ofSets, '--days', '200')
  expect((await sign('request-2', keys[0], 'answer-2')).code).toBe(0)
  const rival = await sign('request-3', keys[0], 'answer-3')
  expect([rival.code, rival.json['code']]).toEqual([1, 'set-other'])
  const instead = await sign('request-3', keys[0], 'answer-3', '--instead-of', String(given['nonce']))
  expect(instead.code).toBe(0)
})

test('a request that the key sets have overtaken is not assembled', async () => {
  const { keys } = await firstCeremony()
  await ask('request-2', '--sets', at('sets-1.json'), '--days', '100')
  await ask('request-3', '--sets', at('sets-1.json'), '--days', '100')
  for (const request of ['request-2', 'request-3'])
    for (const [nth, key] of [keys[0], keys[1]].entries()) await sign(request, key, `${request}.${nth}`)
  expect(
    (await assemble('request-2', ['request-2.0', 'request-2.1'], 'sets-1.json', 'sets-2.json')).code,
  ).toBe(0)
  writeFileSync(at('sets-1.json'), readFileSync(at('sets-2.json')))
  const late = await assemble('request-3', ['request-3.0', 'request-3.1'], 'sets-1.json', 'sets-3.json')
  expect(late.json['code']).toBe('request-overtaken')
})

test('the whole ceremony goes through the program itself', async () => {
  const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const say = async (...argv: string[]) => {
    const args = ['--conditions=@arc3088/source', program, ...argv, '--json']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
  }
  await say('keys', 'generate', '--dir', at('k'), '--purposes', 'root,federation')
  const [key, federation] = [at('k/root.jwk.json'), at('k/federation.jwk.json')]
  const keys = ['--threshold', '1', '--root-key', key, '--federation-key', federation]
  const what = ['--sets', at('sets.json'), '--out', at('request'), '--entity-id', ROOT]
  const asked = await say('root', 'request', ...what, ...keys)
  const confirmed = ['--fingerprint', String(asked['fingerprint']), '--out', at('answer')]
  await say('root', 'sign', at('request'), '--key', key, ...confirmed)
  const sets = ['--sets', at('sets.json'), '--out', at('sets.json'), '--pin', at('anchor.json')]
  expect(await say('root', 'assemble', at('request'), at('answer'), ...sets)).toMatchObject({
    seq: 1,
    iss: ROOT,
  })
  expect(await verifyRootKeySet(JSON.parse(readFileSync(at('anchor.json'), 'utf8')))).toMatchObject({
    kind: 'verified',
  })
})
