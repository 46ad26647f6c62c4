import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import {
  createMemorySigner,
  readAssignmentRecord,
  signAssignmentRecord,
  type AssignmentRecord,
  type PrivateJwk,
} from '@arc3088/records'
import { waitFor } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { openFederation, type Federation } from '../programs/federation.ts'
import { runNode } from '../programs/node-process.ts'
import { program } from '../programs/processes.ts'
import { findLogOf, proofFaults } from '../programs/read-log.ts'
import { register, type Registered } from '../programs/registrations.ts'
import { arc3088 } from '../programs/run-cli.ts'

const TIMEOUT_MS = 600_000
const MINUTE = 60
/** Past the ten minutes for which a key is known before it signs, and the two for which its predecessor is kept. */
const ACTIVATION = 11 * MINUTE
const RETIREMENT = 15 * MINUTE

type JsonObject = Record<string, unknown>

/** Root, Company A and the command line as they are when so much time has passed. */
async function startLater({ root, company, anchor, folder, token }: Federation, seconds: number) {
  const clock = {
    NODE_OPTIONS: `--import ${pathToFileURL(program('later.mjs')).href}`,
    SECONDS_LATER: String(seconds),
  }
  const above = await root.start(clock)
  const node = await company.start(clock)
  const operate = async (...args: string[]) =>
    await runNode('provider', args, { ...company.environment, ...clock })
  const cli = async (...args: string[]) => await arc3088([...args, '--json'], { environment: clock })
  return {
    operate,
    register: async (key: string) => await register({ url: company.url, token }, key),
    /** Kid of a key in a state, as the command has it. */
    async kidOf(purpose: string, state: string): Promise<string> {
      const { output } = await operate('keys:list')
      return new RegExp(`^${purpose} ${state} (\\S+)`, 'm').exec(output)?.[1] ?? `no ${state} ${purpose} key`
    },
    /** Verdict and standing in the log, by the anchor alone. */
    async resolve(code: string): Promise<unknown[]> {
      const { json } = await cli('resolve', code, '--anchor', anchor)
      return [json()['verdict'], json()['log']]
    },
    async bundleOf(code: string): Promise<JsonObject> {
      const file = join(folder, 'bundle.json')
      await cli('resolve', code, '--anchor', anchor, '--bundle', file)
      return JSON.parse(readFileSync(file, 'utf8')) as JsonObject
    },
    async verify(bundle: JsonObject) {
      const file = join(folder, 'given.json')
      writeFileSync(file, JSON.stringify(bundle))
      const { code, json } = await cli('verify', file, '--anchor', anchor)
      const reasons = (json()['reasons'] ?? []) as { code: string }[]
      return { code, verdict: json()['verdict'], reasons: reasons.map((reason) => reason.code) }
    },
    stop: async () => await Promise.all([above.stop(), node.stop()]),
    now: () => new Date(Date.now() + seconds * 1000),
  }
}

type Later = Awaited<ReturnType<typeof startLater>>

/** Asks again until the root has endorsed the key and a witness has seen it, which takes a second. */
async function activate({ operate }: Later, kid: string): Promise<void> {
  const attempt = async () => (await operate('keys:activate', '--kid', kid, '--reason', 'yearly')).code === 0
  await waitFor(attempt, { what: 'the activation', intervalMs: 500 })
}

/** The first registration under that key: a running node changes over within two seconds. */
async function registerUnder({ register: ask }: Later, kid: string, name: string): Promise<Registered> {
  let nth = 0
  const attempt = async () => {
    const answer = await ask(`${name}-${nth++}`)
    return kidOf(answer.record) === kid && answer
  }
  return await waitFor(attempt, { what: `a record under ${kid}`, intervalMs: 200 })
}

function kidOf(jws: string): string {
  const read = readAssignmentRecord(jws)
  return read.kind === 'read' ? read.kid : ''
}

function claimsOf(jws: string): AssignmentRecord {
  const read = readAssignmentRecord(jws)
  if (read.kind === 'rejected') throw new Error(read.detail)
  return read.claims
}

test(
  'an issuing key is changed by commands against a real root: old records stay valid, new ones verify, and later ones of a compromised key do not',
  { timeout: TIMEOUT_MS },
  async () => {
    await using federation = await openFederation()
    const { company, anchor } = federation
    const today = await startLater(federation, 0)
    const first = await today.kidOf('issuing', 'active')
    const old = await today.register('old')
    expect(kidOf(old.record)).toBe(first)
    const known = await findLogOf(anchor, company.url)
    expect(await proofFaults(company.url, known, [old.record])).toEqual([])
    expect((await today.operate('keys:announce', '--purpose', 'issuing')).code).toBe(0)
    const second = await today.kidOf('issuing', 'announced')
    const isTooEarly = async () => {
      const { code, output } = await today.operate('keys:activate', '--kid', second)
      return output.startsWith('key-too-early') && code === 1
    }
    await waitFor(isTooEarly, { what: 'the endorsement', intervalMs: 500 })
    await today.stop()

    const activated = await startLater(federation, ACTIVATION)
    await activate(activated, second)
    const renewed = await registerUnder(activated, second, 'renewed')
    expect(await proofFaults(company.url, known, [renewed.record])).toEqual([])
    expect((await activated.operate('keys:retire', '--kid', first)).output).toContain('key-too-early')
    await activated.stop()

    const later = await startLater(federation, RETIREMENT)
    const retire = async () => (await later.operate('keys:retire', '--kid', first)).code === 0
    await waitFor(retire, { what: 'the retirement', intervalMs: 500 })
    expect(await later.resolve(old.code)).toEqual(['valid', 'proved'])
    expect(await later.resolve(renewed.code)).toEqual(['valid', 'proved'])

    // Whoever has the key file signs one more of the same kind.
    const bundle = await later.bundleOf(renewed.code)
    expect(await later.verify(bundle)).toEqual({ code: 0, verdict: 'valid', reasons: [] })
    const since = later.now().toISOString()
    const compromise = ['keys:compromised', '--kid', second, '--since', since, '--reason', 'stolen']
    expect((await later.operate(...compromise)).code).toBe(0)
    const third = await later.kidOf('issuing', 'announced')
    await activate(later, third)
    const after = await registerUnder(later, third, 'after')
    expect(await proofFaults(company.url, known, [after.record])).toEqual([])
    expect(await later.resolve(after.code)).toEqual(['valid', 'proved'])
    // Proved to have been there before. The history of keys is signed anew every ten seconds.
    const isProvedByHistory = async () => (await later.resolve(renewed.code))[0] === 'valid'
    await waitFor(isProvedByHistory, { what: 'the history of keys', intervalMs: 500 })

    const evidence = await later.bundleOf(renewed.code)
    expect(await later.verify(evidence)).toEqual({ code: 0, verdict: 'valid', reasons: [] })
    const forged = await forge(company.environment['KEYS_DIR'] ?? '', second, claimsOf(renewed.record), later)
    const records = evidence['records'] as string[]
    const swapped = { ...evidence, records: records.map((jws) => (jws === renewed.record ? forged : jws)) }
    const refused = await later.verify(swapped)
    expect(refused).toEqual({
      code: 1,
      verdict: 'chain-invalid',
      reasons: expect.arrayContaining(['key-compromised']),
    })
    await later.stop()
  },
)

/** The same record, signed now with a key that is in other hands. */
async function forge(
  keysDirectory: string,
  kid: string,
  claims: AssignmentRecord,
  { now }: Later,
): Promise<string> {
  const name = readdirSync(keysDirectory).find((each) => each.includes(kid)) ?? ''
  const privateJwk = JSON.parse(readFileSync(join(keysDirectory, name), 'utf8')) as PrivateJwk
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
  return await signAssignmentRecord(signer, { ...claims, iat: Math.floor(now().getTime() / 1000) })
}
