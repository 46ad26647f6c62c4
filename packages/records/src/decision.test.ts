import { beforeAll, describe, expect, test } from 'vitest'

import { encodeBase64url } from './base64url.ts'
import {
  decisionHash,
  formatDecision,
  signDecision,
  signShownProposal,
  verifyDecision,
  type Decision,
} from './decision.ts'
import { jcsDigest, recordHash } from './digest.ts'
import {
  readOfficerSet,
  signOfficerSet,
  thresholdOf,
  verifyOfficerSet,
  type OfficerSet,
} from './officer-set.ts'
import { createMemorySigner, generateSigningKey, type Signer } from './signer.ts'

const ROOT = 'https://root.example'
const PROPOSAL = '019ab000-0000-7000-8000-000000000001'
const PAYLOAD = { code: 'A1', organization: { name: '公司A' } }

let officers: Signer[]
let set: { claims: OfficerSet; hash: string }
let claims: Decision
beforeAll(async () => {
  officers = await Promise.all([1, 2, 3].map(newSigner))
  const jws = await signOfficerSet(at(0), setOf({}))
  const read = readOfficerSet(jws)
  if (read.kind === 'rejected') throw new Error(read.detail)
  set = { claims: read.claims, hash: await recordHash(jws) }
  claims = {
    iss: ROOT,
    proposal: PROPOSAL,
    kind: 'provider:assign',
    hash: await jcsDigest({ kind: 'provider:assign', payload: PAYLOAD }),
    officer_set: set.hash,
    exp: 1_790_000_000,
  }
})

async function newSigner(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}

function at(nth: number): Signer {
  const signer = officers[nth]
  if (signer === undefined) throw new Error(`no officer ${nth}`)
  return signer
}

function setOf(change: Partial<OfficerSet>): OfficerSet {
  return {
    iss: ROOT,
    iat: 1_780_000_000,
    seq: 1,
    prev: null,
    threshold: 2,
    keys: officers.map(({ publicJwk }) => publicJwk),
    decision: null,
    ...change,
  }
}

async function decisionBy(signers: readonly Signer[], change: Partial<Decision> = {}) {
  const decided = { ...claims, ...change }
  const signatures = await Promise.all(signers.map((signer) => signDecision(signer, decided)))
  return { payload: formatDecision(decided), signatures }
}

describe('a decision', () => {
  test('of as many officers as must is verified, by whichever of them', async () => {
    for (const pair of [[at(0), at(1)], [at(2), at(0)], officers]) {
      const verified = await verifyDecision(await decisionBy(pair), set)
      expect(verified).toMatchObject({ kind: 'verified', kids: pair.map(({ kid }) => kid) })
    }
  })

  test('has one identity, whoever signed it and however often', async () => {
    const [one, other] = [await decisionBy([at(0), at(1)]), await decisionBy([at(1), at(2)])]
    expect(await decisionHash(one)).toBe(await decisionHash(other))
  })

  test.each([
    ['one officer alone', async () => await decisionBy([at(0)]), 'threshold-not-met'],
    ['one officer twice', async () => await decisionBy([at(0), at(0)]), 'key-repeated'],
    ['somebody who is no officer', async () => await decisionBy([at(0), await newSigner()]), 'key-unknown'],
    [
      'another root',
      async () => await decisionBy([at(0), at(1)], { iss: 'https://other.example' }),
      'claims-invalid',
    ],
    [
      'another officer set',
      async () => await decisionBy([at(0), at(1)], { officer_set: 'A'.repeat(43) }),
      'claims-invalid',
    ],
  ])('of %s decides nothing', async (_, make, reason) => {
    expect(await verifyDecision(await make(), set)).toMatchObject({ kind: 'rejected', reason })
  })

  test('is refused where one signature among good ones is bad', async () => {
    const { payload, signatures } = await decisionBy(officers)
    const [first, second, third] = signatures
    if (first === undefined || second === undefined || third === undefined) throw new Error('three signed')
    const bad = { ...third, signature: second.signature }
    const verified = await verifyDecision({ payload, signatures: [first, second, bad] }, set)
    expect(verified).toMatchObject({ kind: 'rejected', reason: 'signature-invalid' })
  })

  test('is refused where its payload was changed, or spelt in another way', async () => {
    const { signatures } = await decisionBy([at(0), at(1)])
    const changed = formatDecision({ ...claims, kind: 'provider:retire' })
    expect(await verifyDecision({ payload: changed, signatures }, set)).toMatchObject({
      reason: 'signature-invalid',
    })
    const spaced = encodeBase64url(new TextEncoder().encode(JSON.stringify(claims, null, 1)))
    const signer = at(0)
    const header = (await signDecision(signer, claims)).protected
    const sign = async (each: Signer) =>
      encodeBase64url(await each.sign(new TextEncoder().encode(`${header}.${spaced}`)))
    const alone = { payload: spaced, signatures: [{ protected: header, signature: await sign(signer) }] }
    expect(await verifyDecision(alone, set)).toMatchObject({ reason: 'claims-invalid' })
  })

  test('needs more officers where the set says so for its kind', async () => {
    const strict = {
      claims: { ...set.claims, thresholds: { 'provider:assign': 3 } },
      hash: set.hash,
    }
    expect(thresholdOf(strict.claims, 'provider:assign')).toBe(3)
    expect(thresholdOf(strict.claims, 'toString')).toBe(2)
    expect(await verifyDecision(await decisionBy([at(0), at(1)]), strict)).toMatchObject({
      reason: 'threshold-not-met',
    })
    expect(await verifyDecision(await decisionBy(officers), strict)).toMatchObject({ kind: 'verified' })
  })

  test('about who decides takes as many as anything else, or fewer would lower that number first', async () => {
    const strict = {
      claims: { ...set.claims, thresholds: { 'provider:assign': 3, 'officers:change': 2 } },
      hash: set.hash,
    }
    const change = { ...claims, kind: 'officers:change' }
    const sign = async (by: readonly Signer[]) => ({
      payload: formatDecision(change),
      signatures: await Promise.all(by.map((signer) => signDecision(signer, change))),
    })
    expect(await verifyDecision(await sign([at(0), at(1)]), strict)).toMatchObject({
      reason: 'threshold-not-met',
    })
    expect(await verifyDecision(await sign(officers), strict)).toMatchObject({ kind: 'verified' })
  })
})

describe('an officer', () => {
  const shown = () => ({
    id: PROPOSAL,
    kind: 'provider:assign',
    payload: PAYLOAD,
    decision: { payload: formatDecision(claims) },
  })

  test('signs what is shown, and the signature counts', async () => {
    const signature = await signShownProposal(at(0), shown())
    if ('kind' in signature) throw new Error(signature.detail)
    const other = await signDecision(at(1), claims)
    const jws = { payload: formatDecision(claims), signatures: [signature, other] }
    expect(await verifyDecision(jws, set)).toMatchObject({ kind: 'verified' })
  })

  test.each([
    ['another payload', { payload: { ...PAYLOAD, code: 'A2' } }],
    ['another kind', { kind: 'provider:retire' }],
    ['another proposal', { id: '019ab000-0000-7000-8000-000000000002' }],
    ['nothing to sign', { decision: null }],
    ['nonsense to sign', { decision: { payload: 'e30' } }],
    ['what is no base64url', { decision: { payload: '=' } }],
  ])('gives no signature to a desk that shows %s', async (_, change) => {
    const answer = await signShownProposal(at(0), { ...shown(), ...change })
    expect(answer).toMatchObject({ kind: 'rejected' })
  })
})

describe('an officer set', () => {
  test('is verified by the federation key that signed it', async () => {
    const federation = await newSigner()
    const jws = await signOfficerSet(federation, setOf({}))
    expect(await verifyOfficerSet(jws, [federation.publicJwk])).toMatchObject({ kind: 'verified' })
    expect(await verifyOfficerSet(jws, [at(0).publicJwk])).toMatchObject({ reason: 'key-unknown' })
  })

  test.each([
    ['one who decides alone', () => setOf({ threshold: 1 })],
    ['as many as decide, and nobody more', () => setOf({ threshold: 3 })],
    ['a kind that nobody could decide', () => setOf({ thresholds: { 'root:x': 3 } })],
    ['two officers', () => setOf({ keys: officers.slice(1).map(({ publicJwk }) => publicJwk) })],
    ['one key twice', () => setOf({ keys: [at(0), at(0), at(1)].map(({ publicJwk }) => publicJwk) })],
    ['a predecessor of the first', () => setOf({ prev: 'A'.repeat(43) })],
    ['no decision behind the second', () => setOf({ seq: 2, prev: 'A'.repeat(43) })],
  ])('with %s is never signed', async (_, make) => {
    await expect(signOfficerSet(at(0), make())).rejects.toThrow(TypeError)
  })
})
