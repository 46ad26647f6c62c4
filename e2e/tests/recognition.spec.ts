import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { formatAddCheckpoint, parseCheckpoint, parseNote } from '@arc3088/tlog'
import { waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { act, deskOf, say, type RootDesk, type Said } from '../programs/officers.ts'
import { arc3088 } from '../programs/run-cli.ts'
import {
  startSandbox,
  takePlace,
  type RunningSandbox,
  type SandboxDescription,
  type SandboxPlace,
} from '../programs/run-sandbox.ts'

const HOME_PREFIX = '1.2.156.3088.1.1'
const FOREIGN_PREFIX = '2.999.3088.1.1'
/** What a list may be kept for (W10). */
const LIST_TTL_SECONDS = 60
const LONG = { timeout: 240_000, interval: 500 }

let folder: string
let place: SandboxPlace
let sandbox: RunningSandbox
let all: SandboxDescription
let home: RootDesk
let overseas: RootDesk
let foreignCode: string
/** Of the one agreement that the sandbox made. */
let jti: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'arc3088-recognition-'))
  place = await takePlace()
  sandbox = await startSandbox(place)
  all = sandbox.description()
  ;[home, overseas] = [deskOf(all.root), deskOf(all.overseas.root)]
  foreignCode = all.overseas.example
  copyFileSync(all.anchor, join(folder, 'home-anchor.json'))
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  place[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string) => join(folder, name)
const ask = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>
const resolve = async (code = foreignCode) => await ask(`${all.resolver.url}/v1/resolve/${code}`)

/** As somebody walks the nodes who remembers nothing but the pinned key set of the home root. */
async function walk(code: string, ...more: string[]): Promise<{ exit: unknown; said: Said }> {
  const { code: exit, json } = await arc3088([
    'resolve',
    code,
    '--anchor',
    at('home-anchor.json'),
    ...more,
    '--json',
  ])
  return { exit, said: json() }
}

function claimsOf(jws: string): Said {
  return JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as Said
}

/** The recognition list as a root serves it. */
async function listOf({ url }: RootDesk): Promise<{ seq: number; ttl: number; iat: number; states: Said }> {
  const claims = claimsOf(await (await fetch(`${url}/v1/recognition-list`)).text()) as {
    seq: number
    ttl: number
    iat: number
    entries: { trust_anchor: string; state: string }[]
  }
  const states = claims.entries.map(({ trust_anchor: root, state }) => [root, state] as const)
  return { ...claims, states: Object.fromEntries(states) }
}

/**
 * Whether a witness has seen the newest checkpoint of a log and cosigns it. A checkpoint is shown with as many cosignatures
 * as it needs, whoever was first; every list that is signed is one more entry, and one more checkpoint.
 */
async function isCosignedBy(logged: RootDesk, witness: RootDesk): Promise<boolean> {
  await listOf(logged)
  const checkpoint = await (await fetch(`${logged.url}/tlog/checkpoint`)).text()
  const size = parseCheckpoint(parseNote(checkpoint)?.body ?? '')?.size ?? 0
  const body = formatAddCheckpoint({ oldSize: size, proof: [], checkpoint })
  const response = await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body })
  const lines = await response.text()
  return response.status === 200 && lines.startsWith(`— ${new URL(witness.url).host}`)
}

const stateAt = async (root: RootDesk, other: RootDesk) => (await listOf(root)).states[other.url]

describe('two roots that recognise each other by agreement', () => {
  test('the foreign code is valid here, with the agreement that says so', async () => {
    const answer = await resolve(foreignCode.toLowerCase())
    expect(answer).toMatchObject({
      code: foreignCode,
      verdict: 'valid',
      recognition: {
        trust_anchor: overseas.url,
        territory: 'NO',
        state: 'in-force',
        list: { iss: home.url },
      },
    })
    const { agreement } = answer['recognition'] as { agreement: { jti: string; uri: string; hash: string } }
    jti = agreement.jti
    // Both serve the same document, and both have signed it.
    const [here, there] = await Promise.all(
      [home, overseas].map(({ url }) => ask(`${url}/v1/agreements/${jti}`)),
    )
    expect(there).toEqual(here)
    expect(here?.['signatures']).toHaveLength(2)
    expect(new URL(agreement.uri).origin).toBe(home.url)
  })

  test('what was saved of it passes where there is no network, by the anchor of home alone', async () => {
    const { exit, said } = await walk(foreignCode, '--bundle', at('foreign.json'))
    expect([exit, said]).toEqual([0, expect.objectContaining({ verdict: 'valid' })])
    const verify = async (file: string, anchor: string) => {
      const { code, json } = await arc3088(['verify', file, '--anchor', anchor, '--json'])
      return { code, said: json() }
    }
    const good = await verify(at('foreign.json'), at('home-anchor.json'))
    expect(good).toEqual({
      code: 0,
      said: expect.objectContaining({
        code: foreignCode,
        verdict: 'valid',
        recognition: expect.objectContaining({ trust_anchor: overseas.url, state: 'in-force' }),
      }),
    })
    expect(readFileSync(at('foreign.json'), 'utf8')).toContain(
      String((await ask(`${home.url}/v1/agreements/${jti}`))['payload']),
    )
  })

  test('provider 1 here and provider 1 there are two things', async () => {
    const [here, there] = await Promise.all([resolve(HOME_PREFIX), resolve(FOREIGN_PREFIX)])
    expect([here['verdict'], there['verdict']]).toEqual(['valid', 'valid'])
    expect(here).toMatchObject({ provider: { code: HOME_PREFIX, entity_id: all.providers[0]?.url } })
    expect(there).toMatchObject({
      provider: { code: FOREIGN_PREFIX, entity_id: all.overseas.providers[0]?.url },
    })
    expect([here['recognition'], there['recognition']]).toEqual([
      undefined,
      expect.objectContaining({ trust_anchor: overseas.url }),
    ])
  })

  test('a code of a territory that nobody here recognises is not recognised', async () => {
    const { exit, said } = await walk('2.998.3088.1.1.F1.AURORA.1')
    expect([exit, said['verdict']]).toEqual([1, 'not-recognised'])
  })

  test('each is a witness of the log of the other', async () => {
    for (const [logged, witness] of [
      [home, overseas],
      [overseas, home],
    ] as const) {
      const named = async () => {
        const jws = await (await fetch(`${logged.url}/.well-known/openid-federation`)).text()
        return JSON.stringify((claimsOf(jws)['metadata'] as Said)['agent_code_root'])
      }
      // A root names another once it has seen that both watch each other, by a configuration of a minute ago at most.
      await expect.poll(named, { timeout: 240_000, interval: 1000 }).toContain(`"url":"${witness.url}/"`)
      await waitFor(async () => await isCosignedBy(logged, witness), {
        what: `${witness.url} to have seen the log of ${logged.url}`,
        timeoutMs: 240_000,
        intervalMs: 1000,
      })
    }
    const anchors = [all.anchor, all.overseas.anchor]
    for (const [nth, { url }] of [home, overseas].entries()) {
      const fsck = ['log', 'fsck', `${url}/tlog`, '--anchor', anchors[nth] ?? '', '--json']
      const { code, json } = await arc3088(fsck)
      expect([code, json()]).toEqual([0, expect.objectContaining({ sound: true, faults: [] })])
    }
  })
})

describe('what two officers of one side decide of it', () => {
  test('a suspension over there is in the next list here, and in every answer within the time of one list', async () => {
    const before = await listOf(home)
    await act(overseas, 'agreement:suspend', { jti, reason: '核查事件 an incident is looked into' })
    await expect.poll(() => stateAt(home, overseas), LONG).toBe('suspended')
    const list = await listOf(home)
    expect(list.ttl).toBeLessThanOrEqual(LIST_TTL_SECONDS)
    expect(list.seq).toBeGreaterThan(before.seq)
    // Whoever remembers no list sees it at once; the resolver, when the one it has is over.
    const { exit, said } = await walk(foreignCode)
    expect([exit, said]).toEqual([
      1,
      expect.objectContaining({
        verdict: 'recognition-suspended',
        recognition: expect.objectContaining({ state: 'suspended' }),
      }),
    ])
    await expect.poll(async () => (await resolve())['verdict'], LONG).toBe('recognition-suspended')
    expect((await resolve())['notes']).not.toContain('list-rolled-back')
  })

  test('what was saved before goes on saying what it said then, while its list is fit', async () => {
    const { valid_until: until } = await say([
      'verify',
      at('foreign.json'),
      '--anchor',
      at('home-anchor.json'),
    ])
    const past = new Date((Number(until) + 120) * 1000).toISOString()
    const asked = ['verify', at('foreign.json'), '--anchor', at('home-anchor.json'), '--at', past, '--json']
    const later = await arc3088(asked)
    expect([later.code, later.json()['verdict']]).toEqual([2, 'stale'])
  })

  test('a resumption over there makes it valid again', async () => {
    await act(overseas, 'agreement:resume', { jti, reason: '已查明 it is cleared up' })
    await expect.poll(() => stateAt(home, overseas), LONG).toBe('in-force')
    await expect.poll(async () => (await resolve())['verdict'], LONG).toBe('valid')
    // The list was signed anew since the resolver began, under a number that it knows.
    expect((await resolve())['notes']).toEqual([])
    expect((await walk(foreignCode)).said['verdict']).toBe('valid')
  })

  test('after the end it is answered for what it was, and codes of home are as they were', async () => {
    const before = Math.floor(Date.now() / 1000)
    await act(home, 'agreement:terminate', { jti, reason: '通知期满 the notice has run out' })
    expect(await stateAt(home, overseas)).toBe('terminated')
    await expect.poll(() => stateAt(overseas, home), LONG).toBe('terminated')
    await expect.poll(async () => (await resolve())['verdict'], LONG).toBe('recognised-historically')
    const { said } = await walk(foreignCode)
    expect(said).toMatchObject({
      verdict: 'recognised-historically',
      recognition: { state: 'terminated', agreement: { jti } },
    })
    expect((await walk(all.example)).said['verdict']).toBe('valid')
    // The documents of a root that is trusted no more are no witness of the past.
    const past = await walk(foreignCode, '--at', String(before))
    expect(past.said['verdict']).toBe('recognised-historically')
  })
})
