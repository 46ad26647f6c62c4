import type { PublicJwk } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import { applyStep } from './apply-step.ts'
import { judgeStep } from './judge-step.ts'
import type { LifeStep, ProviderLife, Seat } from './provider-life.ts'
import { statusEntriesOf } from './provider-status.ts'
import { statesOf } from './states-of.ts'

const jwk = (kid: string): PublicJwk => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  kid,
  alg: 'Ed25519',
})
const LOG = { url: 'https://p1.example/tlog/', origin: 'p1.example/tlog', vkeys: ['a', 'b'] }
const assign = (tlog: typeof LOG | null = null): LifeStep => ({
  act: 'assign',
  code: 7,
  facts: {
    entity_id: 'https://p1.example',
    kind: 'domestic',
    territory: 'CN',
    organization: { name: '公司A', country: 'CN' },
    jwks: { keys: [jwk('f1')] },
    tlog,
    assigned_at: 1000,
  },
  record: { hash: 'r', status: { list: 0, index: 1 } },
  place: { list: 0, index: 2 },
})

/** Takes steps one after the other, ten seconds apart. */
function live(...steps: LifeStep[]): ProviderLife {
  const life = steps.reduce<ProviderLife | undefined>(
    (before, step, nth) =>
      applyStep(before, step, { seq: nth + 1, at: 1000 + nth * 10, entry: `e${nth + 1}` }),
    undefined,
  )
  if (life === undefined) throw new Error('no steps')
  return life
}

const SUSPEND: LifeStep = { act: 'suspend' }
const RESUME: LifeStep = { act: 'resume' }
const RETIRE: LifeStep = { act: 'retire', custodian: undefined, custody: undefined }
const REPLACE: LifeStep = { act: 'replace-keys', keys: [jwk('f2')], place: { list: 0, index: 3 } }
const MOVE: Extract<LifeStep, { act: 'move' }> = {
  act: 'move',
  entityId: 'https://p2.example',
  keys: [jwk('f3')],
  log: undefined,
}
const SEAT = { entityId: 'https://c1.example', keys: [jwk('f5')], log: undefined }
const LEAVE: LifeStep = { act: 'retire', custodian: 8, custody: SEAT }
const KEY: LifeStep = { act: 'key', change: { event: 'announce', purpose: 'federation', key: jwk('f4') } }
const NAME_LOG: LifeStep = { act: 'log', log: LOG }

const LIVES = {
  nobody: undefined,
  active: live(assign()),
  suspended: live(assign(), SUSPEND),
  retired: live(assign(), RETIRE),
  kept: live(assign(), LEAVE),
} as const

test.each([
  ['assign', assign(), ['follows', 'code-taken', 'code-taken', 'code-taken', 'code-taken']],
  [
    'adopt',
    { ...assign(), act: 'adopt' },
    ['follows', 'code-taken', 'code-taken', 'code-taken', 'code-taken'],
  ],
  [
    'suspend',
    SUSPEND,
    ['entity-unknown', 'follows', 'provider-state', 'provider-retired', 'provider-retired'],
  ],
  ['resume', RESUME, ['entity-unknown', 'provider-state', 'follows', 'provider-retired', 'provider-retired']],
  ['retire', RETIRE, ['entity-unknown', 'follows', 'follows', 'provider-retired', 'provider-retired']],
  [
    'retire to a custodian',
    LEAVE,
    ['entity-unknown', 'follows', 'follows', 'provider-retired', 'provider-retired'],
  ],
  ['replace-keys', REPLACE, ['entity-unknown', 'follows', 'follows', 'provider-retired', 'follows']],
  ['move', MOVE, ['entity-unknown', 'follows', 'follows', 'provider-retired', 'follows']],
  [
    'move to a custodian',
    { ...MOVE, custodian: 9 },
    ['entity-unknown', 'provider-state', 'provider-state', 'provider-retired', 'follows'],
  ],
  ['key', KEY, ['entity-unknown', 'follows', 'follows', 'follows', 'follows']],
  ['log', NAME_LOG, ['entity-unknown', 'follows', 'follows', 'provider-retired', 'provider-retired']],
] as const)('%s after nothing, active, suspended, retired, retired to a custodian', (_, step, expected) => {
  const judged = Object.values(LIVES).map((life) => {
    const judgement = judgeStep(life, step as LifeStep)
    return judgement.kind === 'follows' ? 'follows' : judgement.because
  })
  expect(judged).toEqual(expected)
})

const because = (life: ProviderLife, step: LifeStep) => {
  const judgement = judgeStep(life, step)
  return judgement.kind === 'refuse' ? judgement.because : judgement.kind
}

describe('further guards', () => {
  test('nobody is the custodian of what he leaves', () => {
    expect(because(LIVES.active, { act: 'retire', custodian: 7, custody: SEAT })).toBe('custodian-unfit')
    expect(because(LIVES.kept, { ...MOVE, custodian: 7 })).toBe('custodian-unfit')
    expect(because(LIVES.active, { act: 'retire', custodian: 8, custody: SEAT })).toBe('follows')
  })

  test('a custodian sits at no address that was the provider, and goes on with its log', () => {
    const leave = (seat: Partial<Seat>): LifeStep => {
      return { act: 'retire', custodian: 8, custody: { ...SEAT, ...seat } }
    }
    expect(because(LIVES.active, leave({ entityId: 'https://p1.example' }))).toBe('entity-known')
    const logged = live(assign(LOG))
    expect(because(logged, leave({}))).toBe('log-not-own')
    expect(because(logged, leave({ log: { ...LOG, url: 'https://c1.example/tlog/' } }))).toBe('follows')
  })

  test('all keys are replaced, by some', () => {
    const place = { list: 0, index: 9 }
    expect(because(LIVES.active, { act: 'replace-keys', keys: [jwk('f1'), jwk('f2')], place })).toBe(
      'key-state',
    )
    expect(because(LIVES.active, { act: 'replace-keys', keys: [], place })).toBe('key-state')
  })

  test('nobody moves to where it is or was, and a log moves as it is or stays unnamed', () => {
    const moved = live(assign(), MOVE)
    const to = (entityId: string): LifeStep => ({ act: 'move', entityId, keys: [jwk('f9')], log: undefined })
    expect(because(moved, to('https://p1.example'))).toBe('entity-known')
    expect(because(moved, to('https://p2.example'))).toBe('entity-known')
    expect(because(moved, to('https://p3.example'))).toBe('follows')
    const logged = live(assign(LOG))
    const withLog = (log: typeof LOG | undefined): LifeStep => ({ ...MOVE, log })
    expect(because(logged, withLog(undefined))).toBe('log-not-own')
    expect(because(logged, withLog({ ...LOG, url: 'https://p2.example/tlog/' }))).toBe('follows')
    expect(because(logged, withLog({ ...LOG, origin: 'p2.example/tlog' }))).toBe('log-not-own')
    expect(because(logged, withLog({ ...LOG, vkeys: ['a'] }))).toBe('log-not-own')
  })

  test('the last federation key is not taken away by the provider itself', () => {
    const end = (event: 'retire' | 'compromise', kid: string): LifeStep => ({
      act: 'key',
      change: { event, purpose: 'federation', key: jwk(kid) },
    })
    expect(because(LIVES.active, end('compromise', 'f1'))).toBe('key-state')
    expect(because(live(assign(), KEY), end('retire', 'f1'))).toBe('follows')
  })

  test('a log is named once', () => {
    expect(because(live(assign(LOG)), NAME_LOG)).toBe('log-known')
  })
})

test('every status entry follows from the state, and a statement withdrawn is revoked for ever', () => {
  const values = (life: ProviderLife) => statusEntriesOf(life).map(({ index, status }) => [index, status])
  expect(values(LIVES.active)).toEqual([
    [1, 0],
    [2, 0],
  ])
  expect(values(LIVES.suspended)).toEqual([
    [1, 2],
    [2, 2],
  ])
  expect(values(live(assign(), SUSPEND, REPLACE, RESUME))).toEqual([
    [1, 0],
    [3, 0],
    [2, 1],
  ])
  expect(values(live(assign(), REPLACE, RETIRE))).toEqual([
    [1, 12],
    [3, 12],
    [2, 1],
  ])
})

test('an entity that moves leaves its term behind, with the keys that stood at its end', () => {
  const moved = live(assign(), KEY, MOVE, {
    ...MOVE,
    entityId: 'https://p3.example',
    keys: [jwk('f9')],
  })
  expect(moved.predecessors).toEqual([
    { entity_id: 'https://p1.example', jwks_thumbprints: ['f1', 'f4'], from: 1000, until: 1020 },
    { entity_id: 'https://p2.example', jwks_thumbprints: ['f3'], from: 1020, until: 1030 },
  ])
  expect([moved.foundedAs, moved.entityId, moved.servesSince]).toEqual([
    'https://p1.example',
    'https://p3.example',
    1030,
  ])
})

test('what a retired provider left is in custody from one node to the next, and each leaves its term', () => {
  const passed = live(assign(), LEAVE, { ...MOVE, custodian: 9 })
  expect(passed).toMatchObject({ state: 'retired', stateSince: 1010, custodian: 9, isInCustody: true })
  expect([passed.foundedAs, passed.entityId]).toEqual(['https://p1.example', 'https://p2.example'])
  expect(passed.predecessors).toEqual([
    { entity_id: 'https://p1.example', jwks_thumbprints: ['f1'], from: 1000, until: 1010 },
    { entity_id: 'https://c1.example', jwks_thumbprints: ['f5'], from: 1010, until: 1020 },
  ])
  expect(live(assign(), LEAVE, MOVE).custodian).toBe(8)
  // Decided before a custodian had a node of its own: nobody serves, and custody can be given.
  const named = live(assign(), { act: 'retire', custodian: 8, custody: undefined })
  expect(named).toMatchObject({ custodian: 8, isInCustody: false, entityId: 'https://p1.example' })
  expect(because(named, MOVE)).toBe('follows')
})

test('the states of a provider are told with their beginnings, the newest of them', () => {
  expect(statesOf(live(assign(), SUSPEND, KEY, RESUME, LEAVE, { ...MOVE, custodian: 9 }))).toEqual([
    { state: 'active', since: 1000 },
    { state: 'suspended', since: 1010 },
    { state: 'active', since: 1030 },
    { state: 'retired', since: 1040 },
  ])
  const turns = Array.from({ length: 80 }, (_, nth) => (nth % 2 === 0 ? SUSPEND : RESUME))
  const told = statesOf(live(assign(), ...turns))
  expect([told.length, told[0]?.since, told.at(-1)]).toEqual([
    64,
    1000 + 17 * 10,
    { state: 'active', since: 1000 + 80 * 10 },
  ])
})

test('the keys of a log: the one that signs stands first, and only a compromised one leaves, never the last', () => {
  const change = (event: 'announce' | 'activate' | 'retire' | 'compromise', vkey: string): LifeStep => ({
    act: 'key',
    change: { event, purpose: 'tlog', key: jwk('t') },
    vkey,
  })
  const vkeys = (...steps: LifeStep[]) => live(assign(LOG), ...steps).log?.vkeys
  expect(vkeys(change('announce', 'c'))).toEqual(['a', 'b', 'c'])
  expect(vkeys(change('announce', 'c'), change('activate', 'c'))).toEqual(['c', 'a', 'b'])
  expect(vkeys(change('compromise', 'a'))).toEqual(['b'])
  expect(vkeys(change('compromise', 'a'), change('compromise', 'b'))).toEqual(['b'])
})

test('a step that may not follow is a fault of whoever applies it', () => {
  expect(() => applyStep(LIVES.retired, RESUME, { seq: 3, at: 2000, entry: 'e' })).toThrow('does not follow')
})
