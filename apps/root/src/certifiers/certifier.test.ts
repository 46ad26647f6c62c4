import type { CertifierEntry } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import {
  CERTIFIER_MOVES,
  demandMovable,
  demandRegistrable,
  turnCertifiers,
  type CertifierMove,
  type CertifierPayload,
} from './certifier.ts'

const HASH = 'A'.repeat(43)
const PAYLOAD: CertifierPayload = {
  entity_id: 'https://certifier.example',
  name: { zh: '认证中心', en: 'Certification centre' },
  jwks: {
    keys: [
      {
        kty: 'OKP',
        crv: 'Ed25519',
        x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
        kid: HASH,
        alg: 'Ed25519',
      },
    ],
  },
  scope: { scenarios: ['finance'], schemes: ['GB/T 1'] },
  valid_from: 1000,
  valid_until: 9000,
}
const AT = new Date(2_000_000)
const entry = (state: CertifierEntry['state']): CertifierEntry => ({
  ...PAYLOAD,
  state,
  state_since: 1500,
  decision: HASH,
})

describe('a registration', () => {
  test('is taken of whom nobody knows, and of whose registration has ended', () => {
    expect(() => demandRegistrable([], PAYLOAD, 2000)).not.toThrow()
    expect(() => demandRegistrable([{ ...entry('active'), valid_until: 1999 }], PAYLOAD, 2000)).not.toThrow()
  })

  test.each([
    ['who is registered', [entry('active')], PAYLOAD, 'is registered already'],
    ['who is suspended', [entry('suspended')], PAYLOAD, 'is registered already'],
    ['who was removed, whenever', [{ ...entry('removed'), valid_until: 1999 }], PAYLOAD, 'and removed'],
    ['whose time is past', [], { ...PAYLOAD, valid_until: 1999 }, 'valid_until is past'],
    ['whose time ends before it begins', [], { ...PAYLOAD, valid_from: 9001 }, 'not after valid_from'],
  ] as const)('is refused of one %s', (_, entries, payload, why) => {
    expect(() => demandRegistrable(entries, payload, 2000)).toThrow(why)
  })
})

describe('a move', () => {
  const MOVES = Object.keys(CERTIFIER_MOVES) as CertifierMove[]
  const allowed = new Set([
    'active certifier:suspend',
    'active certifier:remove',
    'suspended certifier:resume',
    'suspended certifier:remove',
  ])
  const table = (['active', 'suspended', 'removed'] as const).flatMap((state) =>
    MOVES.map((move) => [state, move, allowed.has(`${state} ${move}`)] as const),
  )

  test.each(table)('of a certifier that is %s by %s is allowed: %s', (state, move, isAllowed) => {
    const judge = () => demandMovable([entry(state)], PAYLOAD.entity_id, move).state
    const answer = () => {
      try {
        return judge()
      } catch (error) {
        return String(error)
      }
    }
    expect(answer() === state).toBe(isAllowed)
    expect(answer()).toContain(state)
  })

  test('of one that nobody registered is refused', () => {
    expect(() => demandMovable([], PAYLOAD.entity_id, 'certifier:suspend')).toThrow('never registered')
  })
})

describe('the fold', () => {
  const decided = (kind: string, payload: object) => ({
    kind,
    payload: { ...payload },
    hash: HASH,
    decidedAt: AT,
  })

  test('says since when and by which decision each stands so', () => {
    const registered = turnCertifiers([], decided('certifier:register', PAYLOAD))
    expect(registered).toEqual([{ ...PAYLOAD, state: 'active', state_since: 2000, decision: HASH }])
    const { entity_id } = PAYLOAD
    expect(turnCertifiers(registered ?? [], decided('certifier:remove', { entity_id }))).toMatchObject([
      { state: 'removed' },
    ])
  })

  test('leaves out what fits no certifier', () => {
    expect(turnCertifiers([], decided('certifier:suspend', { entity_id: PAYLOAD.entity_id }))).toBeUndefined()
    expect(turnCertifiers([], decided('certifier:register', { entity_id: 'x' }))).toBeUndefined()
  })
})
