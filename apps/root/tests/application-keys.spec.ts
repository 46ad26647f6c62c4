import { createMemorySigner, generateSigningKey, type PublicJwk, type Signer } from '@arc3088/records'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { findForeignKey } from '../src/applications/applicant-key.store.ts'
import { readProviderKeyFacts } from '../src/provider-keys/provider-key.store.ts'
import { answerOf, apply, complete, giveBack, stateOf, take, withdraw } from './applicant-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, makeProvider, newSigner, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const jwksOf = (...keys: readonly PublicJwk[]) => ({ keys: keys.map((key) => ({ ...key })) })

/** Applies with its own key and another, and shows both at its address, as whoever holds neither half of a key could. */
async function applyBeside(applicant: TestApplicant, foreign: PublicJwk): Promise<string> {
  applicant.publish({ jwks: { keys: [applicant.federation.publicJwk, foreign] } })
  return await apply(applicant, { body: { jwks: jwksOf(applicant.federation.publicJwk, foreign) } })
}

async function ed25519(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('Ed25519')
  return await createMemorySigner({ alg: 'Ed25519', privateJwk })
}

describe('an application is not taken up while one of its keys is', () => {
  const OF_ROOT = ['federation', 'issuing', 'status', 'tlog', 'root'] as const
  test.each(OF_ROOT)('the %s key of the root itself', async (purpose) => {
    await using applicant = await createApplicant(root)
    const id = await applyBeside(applicant, root.keys.signer(purpose).publicJwk)
    expect(await answerOf(await take(root, id))).toEqual([409, 'key-shared'])
    expect(await stateOf(root, id)).toBe('applied')
  })

  test('the key of an officer', async () => {
    await using applicant = await createApplicant(root)
    const id = await applyBeside(applicant, root.officerKey('cy').publicJwk)
    expect(await answerOf(await take(root, id))).toEqual([409, 'key-shared'])
  })

  test('the federation key, or a key of the log, of a provider', async () => {
    await using provider = await createApplicant(root)
    provider.publishLog(provider.log)
    await makeProvider(root, provider, 'KS1')
    for (const { publicJwk } of [provider.federation, provider.logKey]) {
      await using applicant = await createApplicant(root)
      const id = await applyBeside(applicant, publicJwk)
      expect(await answerOf(await take(root, id))).toEqual([409, 'key-shared'])
    }
  })

  test('listed among its issuing keys, and is a provider’s', async () => {
    await using provider = await createApplicant(root)
    await makeProvider(root, provider, 'KS2')
    await using applicant = await createApplicant(root)
    const id = await apply(applicant)
    applicant.publish({
      metadata: {
        agent_code_provider: {
          issuing_jwks: { keys: [provider.federation.publicJwk] },
          status_jwks: { keys: [(await newSigner()).publicJwk] },
        },
      },
    })
    expect(await answerOf(await take(root, id))).toEqual([409, 'key-shared'])
  })

  test('that of another application, as long as that one is open', async () => {
    const shared = await ed25519()
    await using first = await createApplicant(root)
    await using second = await createApplicant(root)
    const [one, two] = [
      await applyBeside(first, shared.publicJwk),
      await applyBeside(second, shared.publicJwk),
    ]
    expect(await answerOf(await take(root, one))).toEqual([200, 'under-review'])
    expect(await answerOf(await take(root, two))).toEqual([409, 'key-shared'])
    await giveBack(root, one)
    expect(await answerOf(await take(root, two))).toEqual([409, 'key-shared'])
    expect(await answerOf(await withdraw(first, one))).toEqual([201, 'withdrawn'])
    expect(await answerOf(await take(root, two))).toEqual([200, 'under-review'])
  })
})

test('of two applications with one key that are taken up at once, one is', async () => {
  const shared = await newSigner()
  await using first = await createApplicant(root)
  await using second = await createApplicant(root)
  const ids = [await applyBeside(first, shared.publicJwk), await applyBeside(second, shared.publicJwk)]
  const answers = await Promise.all(ids.map(async (id) => await answerOf(await take(root, id))))
  expect(answers.map(([status]) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  expect(answers.find(([status]) => status === 409)).toEqual([409, 'key-shared'])
})

test('a completion with the same keys is refused when one of them has become another’s meanwhile', async () => {
  await using applicant = await createApplicant(root)
  const id = await apply(applicant)
  await take(root, id)
  await giveBack(root, id)
  await using provider = await createApplicant(root)
  await makeProvider(root, provider, 'KS3')
  // A provider endorsed that very key: written where its endorsement would write it.
  await root.database.db
    .insertInto('provider_key')
    .values({
      kid: applicant.federation.kid,
      provider: Number.parseInt('KS3', 36),
      purpose: 'issuing',
      state: 'active',
      changed_at: new Date(),
    })
    .execute()
  expect(await answerOf(await complete(applicant, id, 1))).toEqual([409, 'key-shared'])
  expect(await stateOf(root, id)).toBe('returned')
})

test('a completion with other keys claims them only when it is taken up again', async () => {
  await using provider = await createApplicant(root)
  await makeProvider(root, provider, 'KS4')
  await using applicant = await createApplicant(root)
  const id = await apply(applicant)
  await take(root, id)
  await giveBack(root, id)
  const both = jwksOf(applicant.federation.publicJwk, provider.federation.publicJwk)
  expect(await answerOf(await complete(applicant, id, 1, { body: { jwks: both } }))).toEqual([201, 'applied'])
  applicant.publish({ jwks: { keys: [applicant.federation.publicJwk, provider.federation.publicJwk] } })
  expect(await answerOf(await take(root, id))).toEqual([409, 'key-shared'])
})

test('a provider cannot take the key of an applicant, as long as that one’s application is open', async () => {
  await using provider = await createApplicant(root)
  await makeProvider(root, provider, 'KS5')
  await using applicant = await createApplicant(root)
  const id = await apply(applicant)
  const { publicJwk, kid } = applicant.federation
  const isForeign = () =>
    root.database.db.transaction().execute(async (tx) => {
      const facts = await readProviderKeyFacts(tx, { code: Number.parseInt('KS5', 36), kid })
      const asked = { entityId: provider.entityId, keys: [publicJwk], ofRoot: new Set<string>() }
      return [facts.isForeign, await findForeignKey(tx, asked)]
    })
  expect(await isForeign()).toEqual([false, undefined])
  await take(root, id)
  expect(await isForeign()).toEqual([true, kid])
  await withdraw(applicant, id)
  expect(await isForeign()).toEqual([false, undefined])
})
