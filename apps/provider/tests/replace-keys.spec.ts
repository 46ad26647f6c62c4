import { readdirSync } from 'node:fs'

import {
  announceKey,
  createFileKeyDriver,
  issuerTables,
  prepareReplacement,
  readKeys,
  readUnconfirmed,
  replaceFederationKey,
  type KeyParts,
} from '@arc3088/issuer'
import {
  generateSigningKey,
  readEntityConfiguration,
  readSubordinateStatement,
  type PublicJwk,
} from '@arc3088/records'
import { openOutboundDoor, systemAmbient } from '@arc3088/service'
import { waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { sendEndorsements } from '../src/keys/send-endorsements.ts'
import type { NodeProcess } from './node-process.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

const ACTOR = { actor: 'tester', reason: 'stolen' }
const SINCE = '2026-11-22T10:00:00Z'

let root: RootProcess
let provider: TestProvider
/** The provider, as its operator runs it. */
let node: NodeProcess

beforeAll(async () => {
  root = await startRootProcess({ logQuorum: 1 })
  provider = await startTestProvider(root)
  await provider.appoint('7')
  await waitFor(async () => (await unconfirmed()) === 0, { what: 'the root to know the first keys' })
  node = await provider.asProcess()
  await node.start()
})
afterAll(async () => {
  await node.stop()
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const db = () => issuerTables(provider.database.db)
const unconfirmed = async () => (await readUnconfirmed(db(), provider.url, 100)).length

/** As the commands of the node act, beside it; killed at a step, where one is named. */
function parts(killAt?: string): KeyParts {
  const ambient = systemAmbient()
  const driver = createFileKeyDriver({ directory: provider.keysDirectory }, ambient.randomBytes)
  return {
    db: db(),
    ambient: {
      ...ambient,
      reached(step) {
        if (step === killAt) throw new Error(`killed at ${step}`)
      },
    },
    entityId: provider.url,
    drivers: new Map([[driver.scheme, driver]]),
    driver,
    endorsedBy: 'root',
  }
}

const prepare = async (killAt?: string, another = false) =>
  await prepareReplacement(parts(killAt), { another, ...ACTOR })
const files = () => readdirSync(provider.keysDirectory).filter((name) => name.startsWith('federation.'))
const stateOf = async (kid: string) => (await readKeys(db())).find((key) => key.kid === kid)?.state

async function activeKid(): Promise<string> {
  const key = (await readKeys(db())).find(
    ({ purpose, state }) => purpose === 'federation' && state === 'active',
  )
  return key?.kid ?? 'none'
}

async function stated(): Promise<readonly PublicJwk[]> {
  const response = await fetch(`${root.url}/federation/fetch?sub=${encodeURIComponent(provider.url)}`)
  const read = readSubordinateStatement(await response.text())
  if (read.kind === 'rejected') throw new Error(read.detail)
  return read.claims.jwks.keys
}

async function decide(...keys: readonly PublicJwk[]): Promise<void> {
  await root.act('provider:replace-keys', { provider: '7', jwks: { keys: keys.map((key) => ({ ...key })) } })
  await expect.poll(async () => (await stated()).map(({ kid }) => kid)).toEqual(keys.map(({ kid }) => kid))
}

/** The key that the running node describes itself with. */
async function speaksWith(): Promise<{ kid: string; named: string[] }> {
  const read = readEntityConfiguration(
    await (await fetch(`${provider.url}/.well-known/openid-federation`)).text(),
  )
  if (read.kind === 'rejected') throw new Error(read.detail)
  return { kid: read.kid, named: read.claims.jwks.keys.map(({ kid }) => kid) }
}

/** What a command said that was refused. */
async function refusalOf(...args: string[]): Promise<string> {
  const ended = await node.run(...args).then(
    (output) => `0 ${output}`,
    (error: unknown) => {
      const { code, stdout } = error as { code: number; stdout: string }
      return `${code} ${stdout}`
    },
  )
  return ended.split(':')[0] ?? ''
}

test('without a prepared key, or without a time, nothing is replaced', async () => {
  expect(await refusalOf('keys:replace', '--since', SINCE)).toBe('1 key-not-found')
  expect(await refusalOf('keys:replace')).toBe('2 The configuration is not usable')
})

test('a key is prepared once, whenever the command dies and however many run, and nobody is told of it', async () => {
  const before = files().length
  await expect(prepare('keys:written')).rejects.toThrow('killed')
  await expect(prepare('keys:prepared')).rejects.toThrow('killed')
  const answers = await Promise.all(Array.from({ length: 4 }, () => prepare()))
  expect(new Set(answers.map(({ replacement }) => replacement.kid)).size).toBe(1)
  expect(answers.every(({ created }) => !created)).toBe(true)
  // What a killed command left is not taken up: nobody knows who has read it.
  expect(files()).toHaveLength(before + 2)
  const [first] = answers
  const kid = first?.replacement.kid ?? ''
  expect(await stateOf(kid)).toBeUndefined()
  expect((await speaksWith()).named).not.toContain(kid)
  expect((await stated()).map((key) => key.kid)).not.toContain(kid)
  // What is announced is another one.
  expect(await refusalOf('keys:replace', '--since', SINCE)).toBe('1 key-not-endorsed')
  expect(await stateOf(kid)).toBeUndefined()
})

test('what the root decided is taken into use by a command, and the provider goes on with all that hangs on it', async () => {
  const before = await activeKid()
  const [line = '', jwks = ''] = (await node.run('keys:prepare')).trim().split('\n')
  const { keys } = JSON.parse(jwks) as { keys: [PublicJwk] }
  const { kid } = keys[0]
  expect(line).toMatch(/^waiting already: [\w-]{43} prepared=\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  expect(line).toContain(kid)
  await decide(keys[0])
  // The thief is shut out, and the node as well, until it changes over.
  expect((await speaksWith()).kid).toBe(before)
  await expect(
    replaceFederationKey(parts('keys:replaced'), await stated(), { ...ACTOR, since: new Date(SINCE) }),
  ).rejects.toThrow('killed')
  const output = await node.run('keys:replace', '--since', SINCE, '--reason', 'stolen')
  expect(output).toContain(`federation active ${kid}`)
  expect([await stateOf(before), await stateOf(kid)]).toEqual(['compromised', 'active'])
  await expect.poll(speaksWith).toEqual({ kid, named: [kid] })
  await expect.poll(unconfirmed).toBe(0)
  const steps = await db()
    .selectFrom('key_transition')
    .select(['event', 'kid'])
    .where('kid', 'in', [before, kid])
    .execute()
  expect(steps.map(({ event, kid: of }) => `${event} ${of}`).toSorted()).toEqual(
    [`activate ${before}`, `compromise ${before}`, `activate ${kid}`].toSorted(),
  )
  // Whatever comes later is said by the new key, and the root takes it.
  const { key } = await announceKey(parts(), 'status', ACTOR)
  await expect
    .poll(async () => (await readKeys(db())).find((each) => each.kid === key.kid)?.endorsedAt ?? null)
    .not.toBeNull()
  expect((await stated()).map((each) => each.kid)).toEqual([kid])
})

test('what the root had not confirmed when its keys were replaced is said again, and confirmed', async () => {
  await node.stop()
  const { key } = await announceKey(parts(), 'issuing', ACTOR)
  expect(await unconfirmed()).toBe(1)
  const { replacement, created } = await prepare(undefined, true)
  expect(created).toBe(true)
  await decide(replacement.jwk)
  const request = { ...ACTOR, since: new Date(SINCE) }
  const taken = await Promise.all(
    Array.from({ length: 3 }, async () => await replaceFederationKey(parts(), await stated(), request)),
  )
  expect(taken.map(({ kid }) => kid)).toEqual(Array.from({ length: 3 }, () => replacement.kid))
  const activations = await db()
    .selectFrom('key_transition')
    .select('id')
    .where('kid', '=', replacement.kid)
    .where('event', '=', 'activate')
    .execute()
  expect(activations).toHaveLength(1)
  await node.start()
  await expect.poll(unconfirmed).toBe(0)
  expect((await readKeys(db())).find(({ kid }) => kid === key.kid)?.endorsedAt).not.toBeNull()
})

test('a key that the root did not name, or names beside an old one, is not taken into use', async () => {
  const { replacement } = await prepare(undefined, true)
  const [standing] = await stated()
  if (standing === undefined) throw new Error('the root names a key')
  const request = { ...ACTOR, since: new Date(SINCE) }
  await expect(replaceFederationKey(parts(), [standing], request)).rejects.toMatchObject({
    code: 'key-not-endorsed',
  })
  await expect(replaceFederationKey(parts(), [standing, replacement.jwk], request)).rejects.toMatchObject({
    code: 'key-not-endorsed',
  })
  const future = { ...ACTOR, since: new Date(Date.now() + 3_600_000) }
  await expect(replaceFederationKey(parts(), [replacement.jwk], future)).rejects.toMatchObject({
    code: 'key-state',
  })
  expect(await stateOf(replacement.kid)).toBeUndefined()
  expect(await activeKid()).toBe(standing.kid)
})

/** Tells the root what it has not confirmed, and dies with the answer in hand. */
async function sendAndDie(): Promise<void> {
  const { ambient, driver } = parts('keys:answered')
  const active = (await readKeys(db())).find(
    ({ purpose, state }) => purpose === 'federation' && state === 'active',
  )
  const signer = await driver.load(active?.ref ?? '')
  const door = openOutboundDoor({ allowLoopbackHttp: true })
  const sender = {
    db: db(),
    ambient,
    door,
    keys: { active: () => signer },
    entityId: provider.url,
    rootUrl: root.url,
  }
  const rootConfiguration = await (await fetch(`${root.url}/.well-known/openid-federation`)).text()
  try {
    await expect(sendEndorsements(sender, { code: '7', rootConfiguration })).rejects.toThrow('killed')
  } finally {
    door.close()
  }
}

test('what the root confirmed and the provider never heard is said again by the new key, and confirmed', async () => {
  await node.stop()
  const { key } = await announceKey(parts(), 'tlog', ACTOR)
  await sendAndDie()
  expect((await readKeys(db())).find(({ kid }) => kid === key.kid)?.endorsedAt).toBeNull()
  const { replacement } = await prepare(undefined, true)
  await decide(replacement.jwk)
  await replaceFederationKey(parts(), await stated(), { ...ACTOR, since: new Date(SINCE) })
  await node.start()
  await expect.poll(unconfirmed, { timeout: 20_000 }).toBe(0)
  expect((await readKeys(db())).find(({ kid }) => kid === key.kid)?.endorsedAt).not.toBeNull()
})

test('a row that names a key which this node does not hold is passed over by the commands, and what the root decided is found', async () => {
  const decided = (await prepare(undefined, true)).replacement
  const newer = (await prepare(undefined, true)).replacement
  const { publicJwk } = await generateSigningKey('ES256')
  await db()
    .insertInto('key_replacement')
    .values({
      kid: publicJwk.kid,
      jwk: JSON.stringify(publicJwk),
      key_ref: decided.ref,
      actor: 'nobody',
      reason: null,
      prepared_at: new Date('9999-01-01T00:00:00Z'),
    })
    .execute()
  const [fault = '', line = '', jwks = ''] = (await node.run('keys:prepare')).trim().split('\n')
  expect(fault).toContain(`passed over: the database names ${publicJwk.kid}`)
  expect(line).toContain(`waiting already: ${newer.kid}`)
  expect(JSON.parse(jwks)).toMatchObject({ keys: [{ kid: newer.kid }] })
  await decide(decided.jwk)
  const output = await node.run('keys:replace', '--since', SINCE, '--reason', 'stolen')
  expect(output).toContain(`federation active ${decided.kid}`)
  await expect.poll(speaksWith, { timeout: 20_000 }).toEqual({ kid: decided.kid, named: [decided.kid] })
  await expect.poll(unconfirmed, { timeout: 20_000 }).toBe(0)
})
