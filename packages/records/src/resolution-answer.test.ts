import { beforeAll, expect, test } from 'vitest'

import { createMemorySigner, generateSigningKey, type Signer } from './signer.ts'
import { ANSWER_TRANSITIONS_MAX, readResolutionAnswer, signResolutionAnswer } from './resolution-answer.ts'

const T0 = 1_790_000_000
const past = {
  iss: 'https://p1.example',
  iat: T0,
  exp: T0 + 120,
  sub: '1.2.156.3088.1.1.34C2.478BDF.3GF546',
  at: T0 - 1000,
  result: 'assigned',
  assignment: 'a.b.c',
  status: 'valid',
  status_since: T0 - 1500,
} as const
const lockedAndUnlocked = [
  { status: 'suspended', since: T0 - 2000, proof: 'c2sp.org/tlog-proof@v1\n' },
  { status: 'valid', since: T0 - 1500 },
] as const

let signer: Signer
beforeAll(async () => {
  const { privateJwk } = await generateSigningKey('ES256')
  signer = await createMemorySigner({ alg: 'ES256', privateJwk })
})

test('an answer about the past carries the transitions that led to it, with their proofs', async () => {
  const jws = await signResolutionAnswer(signer, { ...past, transitions: [...lockedAndUnlocked] })
  const read = readResolutionAnswer(jws)
  expect(read.kind === 'read' && read.claims.transitions).toEqual(lockedAndUnlocked)
})

test('without a transition a code was valid', async () => {
  await expect(signResolutionAnswer(signer, { ...past, transitions: [] })).resolves.toMatch(/^ey/)
  await expect(
    signResolutionAnswer(signer, { ...past, status: 'suspended', transitions: [] }),
  ).rejects.toThrow('or valid')
})

const [lock, unlock] = lockedAndUnlocked
test.each([
  ['that do not end in its status', [lock]],
  ['that run backwards', [unlock, lock, { ...unlock, since: T0 - 3000 }]],
  ['after the instant answered for', [lock, { ...unlock, since: T0 - 999 }]],
  ['more than fit', Array(ANSWER_TRANSITIONS_MAX + 1).fill(unlock)],
])('an answer with transitions %s is not signed', async (_, transitions) => {
  await expect(signResolutionAnswer(signer, { ...past, transitions: [...transitions] })).rejects.toThrow(
    TypeError,
  )
})

test('a code that was not assigned has no transitions', async () => {
  const { assignment: _, status: _1, status_since: _2, ...rest } = past
  const negative = { ...rest, result: 'not_assigned' as const, transitions: [] }
  await expect(signResolutionAnswer(signer, negative)).rejects.toThrow('has no transitions')
})
