import { createCosigner, type LogHead, type WitnessAddress } from '@arc3088/issuer'
import { createMemorySigner, generateSigningKey } from '@arc3088/records'
import { createClock, type Clock } from '@arc3088/testkit'
import { appendSignature, cosignCheckpoint, parseNote } from '@arc3088/tlog'
import { beforeAll, expect, test } from 'vitest'

import { createToldPolicy, GRACE_MS, type ToldPolicy, type WitnessPolicy } from './told-policy.ts'

const BODY = `root.example/tlog\n1\n${Buffer.alloc(32).toString('base64')}\n`
const UNCOSIGNED = `${BODY}\n— root.example/tlog ${Buffer.alloc(68, 1).toString('base64')}\n`
const NOBODY: WitnessPolicy = { witnesses: [], quorum: 0 }

interface Witness {
  readonly address: WitnessAddress
  cosign(note: string): Promise<string>
}
let [p1, p2]: Witness[] = []

beforeAll(async () => {
  ;[p1, p2] = [await createWitness('p1'), await createWitness('p2')]
})

async function createWitness(host: string): Promise<Witness> {
  const { privateJwk } = await generateSigningKey('Ed25519')
  const entityId = `https://${host}.example`
  const cosigner = createCosigner(entityId, await createMemorySigner({ alg: 'Ed25519', privateJwk }))
  return {
    address: { vkey: cosigner.vkey, url: `${entityId}/` },
    cosign: async (note) =>
      appendSignature(note, await cosignCheckpoint(parseNote(note)?.body ?? '', cosigner, 1_790_000_000)),
  }
}

function policyOf(quorum: number, ...witnesses: (Witness | undefined)[]): WitnessPolicy {
  return { witnesses: witnesses.flatMap((witness) => witness?.address ?? []), quorum }
}

/** A log of so many entries, of which the first `seen` were cosigned by these; by nobody, it never was. */
async function headOf(size: number, seen = 0, ...by: (Witness | undefined)[]) {
  const unseen: Pick<LogHead, 'size' | 'witnessed'> = { size }
  if (by.length === 0) return unseen
  let note = UNCOSIGNED
  for (const witness of by) note = (await witness?.cosign(note)) ?? note
  return { size, witnessed: { size: seen, root: '', note, witnessedAt: new Date(0) } }
}

function start(): { told: ToldPolicy; clock: Clock } {
  const clock = createClock()
  return { told: createToldPolicy(clock), clock }
}

test('a first witness is named at once, and demanded when it has cosigned what was there, a moment later', async () => {
  const { told, clock } = start()
  expect(told.now(NOBODY, await headOf(5))).toEqual(NOBODY)
  expect(told.now(policyOf(1, p1), await headOf(5))).toEqual(policyOf(0, p1))
  clock.advanceSeconds(10)
  expect(told.now(policyOf(1, p1), await headOf(9, 4, p1))).toEqual(policyOf(0, p1))
  expect(told.now(policyOf(1, p1), await headOf(9, 5, p1))).toEqual(policyOf(0, p1))
  clock.advanceSeconds(2)
  expect(told.now(policyOf(1, p1), await headOf(9, 5, p1))).toEqual(policyOf(1, p1))
  // From now on it is demanded, whatever is appended, and however long it does not answer.
  clock.advanceSeconds(3600)
  expect(told.now(policyOf(1, p1), await headOf(900, 5, p1))).toEqual(policyOf(1, p1))
})

test('a witness that does not cosign is demanded after a minute: nobody keeps the quorum at nought', async () => {
  const { told, clock } = start()
  told.now(NOBODY, await headOf(5))
  expect(told.now(policyOf(1, p1), await headOf(5)).quorum).toBe(0)
  clock.advanceSeconds(GRACE_MS / 2000)
  // Another that joins meanwhile does not begin the minute anew.
  expect(told.now(policyOf(1, p1, p2), await headOf(6)).quorum).toBe(0)
  clock.advanceSeconds(GRACE_MS / 2000)
  expect(told.now(policyOf(1, p1, p2), await headOf(6))).toEqual(policyOf(1, p1, p2))
})

test('more of them are demanded when all have cosigned; as many as before meanwhile', async () => {
  const { told, clock } = start()
  expect(told.now(policyOf(1, p1), await headOf(5, 5, p1))).toEqual(policyOf(1, p1))
  expect(told.now(policyOf(2, p1, p2), await headOf(5, 5, p1))).toEqual(policyOf(1, p1, p2))
  told.now(policyOf(2, p1, p2), await headOf(5, 5, p1, p2))
  clock.advanceSeconds(2)
  expect(told.now(policyOf(2, p1, p2), await headOf(5, 5, p1, p2))).toEqual(policyOf(2, p1, p2))
})

test('a witness that goes away counts until another has cosigned, so that old and new checkpoints both suffice', async () => {
  const { told, clock } = start()
  told.now(policyOf(1, p1), await headOf(5, 5, p1))
  expect(told.now(policyOf(1, p2), await headOf(6, 6, p1))).toEqual(policyOf(1, p2, p1))
  expect(told.now(policyOf(1, p2), await headOf(6, 6, p1, p2))).toEqual(policyOf(1, p2, p1))
  clock.advanceSeconds(2)
  expect(told.now(policyOf(1, p2), await headOf(6, 6, p1, p2))).toEqual(policyOf(1, p2))
})

test('when the last goes away none is demanded at once, and after its return not before it has seen the rest', async () => {
  const { told, clock } = start()
  told.now(policyOf(1, p1), await headOf(5, 5, p1))
  expect(told.now(NOBODY, await headOf(6, 5, p1))).toEqual(NOBODY)
  clock.advanceSeconds(3600)
  expect(told.now(policyOf(1, p1), await headOf(800, 5, p1))).toEqual(policyOf(0, p1))
  clock.advanceSeconds(2)
  expect(told.now(policyOf(1, p1), await headOf(801, 5, p1)).quorum).toBe(0)
  told.now(policyOf(1, p1), await headOf(802, 800, p1))
  clock.advanceSeconds(2)
  expect(told.now(policyOf(1, p1), await headOf(802, 800, p1)).quorum).toBe(1)
})

test('after a restart as many are demanded as have cosigned, however long ago that was', async () => {
  expect(start().told.now(policyOf(1, p1), await headOf(900, 5, p1))).toEqual(policyOf(1, p1))
  expect(start().told.now(policyOf(2, p1, p2), await headOf(6, 5, p1)).quorum).toBe(1)
  expect(start().told.now(policyOf(1, p1), await headOf(6)).quorum).toBe(0)
})

test('a restart never tells that none is needed of a log that was witnessed', async () => {
  expect(start().told.now(policyOf(1, p2), await headOf(6, 5, p1))).toEqual(policyOf(1, p2))
})

test('where the operator wants none, none is demanded', async () => {
  const { told } = start()
  expect(told.now(policyOf(0, p1), await headOf(5, 5, p1))).toEqual(policyOf(0, p1))
})

test('names no more than the metadata of a log can hold, those that are wished first', async () => {
  const { told } = start()
  const many = Array.from({ length: 16 }, (_, nth) => ({ vkey: `v${nth}`, url: `https://w${nth}.example/` }))
  told.now(policyOf(1, p1), await headOf(5, 5, p1))
  expect(told.now({ witnesses: many, quorum: 1 }, await headOf(5, 5, p1)).witnesses).toEqual(many)
})
