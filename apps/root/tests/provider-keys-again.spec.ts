import {
  MEDIA_TYPE,
  recordHash,
  signKeyEndorsement,
  signRegistryRequest,
  verifyKeyEndorsement,
  type KeyEndorsement,
  type Signer,
} from '@arc3088/records'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startTestRoot, type TestRoot } from './start-test-root.ts'
import {
  createApplicant,
  makeProvider,
  newLogKey,
  newSigner,
  readJson,
  type TestApplicant,
} from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

type Change = Partial<KeyEndorsement> & Pick<KeyEndorsement, 'key' | 'event' | 'purpose'>

/** A new document that says a change; with a new id each time, as a node signs what it has to say anew. */
async function documentOf({ entityId }: TestApplicant, change: Change, signer: Signer): Promise<string> {
  return await signKeyEndorsement(signer, {
    iss: entityId,
    sub: entityId,
    iat: Math.floor(Date.now() / 1000),
    jti: v7(),
    ...change,
  })
}

async function send(
  { entityId }: TestApplicant,
  code: string,
  endorsement: string,
  signer: Signer,
): Promise<Response> {
  const path = `/v1/providers/${code}/keys`
  const iat = Math.floor(Date.now() / 1000)
  const body = await signRegistryRequest(signer, {
    iss: entityId,
    sub: entityId,
    aud: root.url,
    iat,
    exp: iat + 300,
    jti: v7(),
    method: 'POST',
    path,
    body: { endorsement },
  })
  const headers = { 'content-type': MEDIA_TYPE.registryRequest }
  return await fetch(`${root.url}${path}`, { method: 'POST', headers, body })
}

/** Says it in a new document, and demands that the root says exactly that document again. */
async function tell(applicant: TestApplicant, code: string, change: Change, signer: Signer): Promise<string> {
  const document = await documentOf(applicant, change, signer)
  const response = await send(applicant, code, document, signer)
  const text = await response.text()
  if (response.status !== 201) throw new Error(text)
  const said = await verifyKeyEndorsement(text, [root.keys.signer('federation').publicJwk])
  const { event, purpose, key } = change
  expect(said).toMatchObject({
    claims: { event, purpose, key: { kid: key.kid }, endorses: await recordHash(document) },
  })
  return text
}

async function refusalOf(response: Response): Promise<string> {
  return `${response.status} ${String((await readJson(response))['code'])}`
}

async function stateOf(kid: string): Promise<string | undefined> {
  const { db } = root.database
  const row = await db
    .selectFrom('provider_key')
    .select('state')
    .where('kid', '=', kid)
    .executeTakeFirstOrThrow()
  return row.state
}

test('the last step that a key took is endorsed again in a new document, by a new federation key, and changes nothing', async () => {
  await using applicant = await createApplicant(root)
  await makeProvider(root, applicant, 'AG1')
  const { federation } = applicant
  const [{ publicJwk: key }, next] = [await newSigner(), await newSigner()]
  const announce: Change = { event: 'announce', purpose: 'issuing', key }
  const compromise: Change = { ...announce, event: 'compromise', revoked_at: 1_790_000_000 }
  const first = await tell(applicant, 'AG1', announce, federation)
  await tell(applicant, 'AG1', { event: 'announce', purpose: 'federation', key: next.publicJwk }, federation)
  // The answer was lost, and the document is signed anew by the key that stands.
  const again = await tell(applicant, 'AG1', announce, next)
  expect(again).not.toBe(first)
  expect(await stateOf(key.kid)).toBe('announced')
  await tell(applicant, 'AG1', compromise, next)
  await tell(applicant, 'AG1', compromise, next)
  // A node that was put back would go on with a key that has ended.
  const back = await send(applicant, 'AG1', await documentOf(applicant, announce, next), next)
  expect(await refusalOf(back)).toBe('409 key-state')
  expect(await stateOf(key.kid)).toBe('compromised')
})

test('an activation said again leaves the key that came after it active', async () => {
  await using applicant = await createApplicant(root)
  await makeProvider(root, applicant, 'AG2')
  const { federation } = applicant
  const [one, two] = [(await newSigner()).publicJwk, (await newSigner()).publicJwk]
  const activate = (key: Change['key']): Change => ({ event: 'activate', purpose: 'status', key })
  await tell(applicant, 'AG2', activate(one), federation)
  await tell(applicant, 'AG2', { ...activate(two), event: 'announce' }, federation)
  await tell(applicant, 'AG2', activate(two), federation)
  await tell(applicant, 'AG2', activate(one), federation)
  expect([await stateOf(one.kid), await stateOf(two.kid)]).toEqual(['outgoing', 'active'])
})

test('a step of a log’s key said again writes nothing into the life of the provider', async () => {
  await using applicant = await createApplicant(root)
  await makeProvider(root, applicant, 'AG3')
  const { federation, logKey } = applicant
  expect((await applicant.sendLog('AG3')).status).toBe(200)
  const { publicJwk: key } = await newLogKey()
  const first: Change = { event: 'activate', purpose: 'tlog', key: logKey.publicJwk }
  const announce: Change = { event: 'announce', purpose: 'tlog', key }
  const compromise: Change = { ...announce, event: 'compromise', revoked_at: 1_790_000_000 }
  for (const change of [first, announce]) await tell(applicant, 'AG3', change, federation)
  const entries = async () =>
    await root.database.db
      .selectFrom('provider_entry')
      .select('seq')
      .where('provider', '=', Number.parseInt('AG3', 36))
      .execute()
  for (const again of [first, announce, compromise]) {
    if (again === compromise) await tell(applicant, 'AG3', compromise, federation)
    const before = await entries()
    await tell(applicant, 'AG3', again, federation)
    expect(await entries()).toEqual(before)
  }
  expect(await stateOf(key.kid)).toBe('compromised')
})

test('said again otherwise, of a federation key, or by a key that does not stand, it is refused', async () => {
  await using applicant = await createApplicant(root)
  await makeProvider(root, applicant, 'AG4')
  const { federation } = applicant
  const [one, two] = [(await newSigner()).publicJwk, (await newSigner()).publicJwk]
  const next = (await newSigner()).publicJwk
  const stranger = await newSigner()
  const about = { purpose: 'issuing', key: one } as const
  const retire: Change = { ...about, event: 'retire', exp: 1_790_000_000 }
  const announceNext: Change = { event: 'announce', purpose: 'federation', key: next }
  await tell(applicant, 'AG4', { ...about, event: 'activate' }, federation)
  await tell(applicant, 'AG4', { ...about, event: 'announce', key: two }, federation)
  await tell(applicant, 'AG4', { ...about, event: 'activate', key: two }, federation)
  await tell(applicant, 'AG4', retire, federation)
  await tell(applicant, 'AG4', announceNext, federation)
  const refused = async (change: Change, signer = federation) =>
    await refusalOf(await send(applicant, 'AG4', await documentOf(applicant, change, signer), signer))
  expect(await refused({ ...retire, exp: 1_790_000_001 })).toBe('409 key-state')
  expect(await refused({ ...about, event: 'announce' })).toBe('409 key-state')
  expect(await refused({ ...retire, purpose: 'status' })).toBe('409 key-two-purposes')
  expect(await refused(announceNext)).toBe('409 key-state')
  expect(await refused(retire, stranger)).toBe('401 request-signature-invalid')
  expect(await stateOf(one.kid)).toBe('retired')
})

test('sent eight times at once, the new document is logged once', async () => {
  await using applicant = await createApplicant(root)
  await makeProvider(root, applicant, 'AG5')
  const { federation } = applicant
  const change: Change = { event: 'announce', purpose: 'issuing', key: (await newSigner()).publicJwk }
  await tell(applicant, 'AG5', change, federation)
  const document = await documentOf(applicant, change, federation)
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => await send(applicant, 'AG5', document, federation)),
  )
  expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1)
  const confirmations = await root.database.db
    .selectFrom('key_endorsement')
    .select('hash')
    .where('kid', '=', change.key.kid)
    .where('endorses', 'is not', null)
    .execute()
  expect(confirmations).toHaveLength(2)
})
