import { createCosigner, createLogSigner, ownLogMetadata, witnessesOf } from '@arc3088/issuer'
import {
  readEntityConfiguration,
  readSubordinateStatement,
  type LogMetadata,
  type OwnLog,
} from '@arc3088/records'
import { waitFor } from '@arc3088/testkit'
import { EMPTY_ROOT, formatAddCheckpoint, signCheckpoint } from '@arc3088/tlog'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startTestRoot, type TestRoot } from './start-test-root.ts'
import {
  createApplicant,
  makeProvider,
  newLogKey,
  newSigner,
  readJson,
  type ApplyOptions,
  type TestApplicant,
} from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

async function take(applicant: TestApplicant): Promise<Response> {
  const { id } = await readJson(await applicant.apply())
  return await root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
}

/** What the root says of a provider's log. */
async function statedLog(applicant: TestApplicant): Promise<LogMetadata | undefined> {
  const response = await root.get(`/federation/fetch?sub=${encodeURIComponent(applicant.entityId)}`)
  const read = readSubordinateStatement(await response.text())
  if (read.kind === 'rejected') throw new Error(read.detail)
  return read.claims.metadata.agent_code_provider.tlog
}

const cosigningVkey = () => createCosigner(root.url, root.keys.signer('tlog')).vkey

describe('the log of an applicant', () => {
  test('comes with its configuration into its statement, witnessed by the root', async () => {
    await using applicant = await createApplicant(root)
    applicant.publishLog(applicant.log)
    await makeProvider(root, applicant, 'L1')
    expect(await statedLog(applicant)).toEqual({
      ...applicant.log,
      witnesses: [{ vkey: cosigningVkey(), url: `${root.url}/` }],
      quorum: 1,
    })
    const trail = await readJson(await root.officer('auditor').get('/v1/desk/audit?limit=1000'))
    expect(JSON.stringify(trail['items'])).toContain(applicant.log.vkeys[0])
  })

  test('may be missing: then the statement names none', async () => {
    await using applicant = await createApplicant(root)
    await makeProvider(root, applicant, 'L2')
    expect(await statedLog(applicant)).toBeUndefined()
  })

  const CLAIMS: [string, (own: OwnLog) => Promise<OwnLog> | OwnLog, string][] = [
    ['under the origin of another', (own) => ({ ...own, origin: 'p1.example/tlog' }), 'origin-not-own'],
    ['at an address of another', (own) => ({ ...own, url: 'https://p1.example/tlog/' }), 'url-not-own'],
    ['with a vkey that is none', (own) => ({ ...own, vkeys: ['nonsense'] }), 'vkey-unusable'],
    [
      'with the key of another log',
      async (own) => ({
        ...own,
        vkeys: ownLogMetadata('https://p1.example', [(await newLogKey()).publicJwk]).vkeys,
      }),
      'vkey-not-of-the-log',
    ],
    [
      'with a cosigning key',
      (own) => ({ ...own, vkeys: witnessesOf('https://p1.example', own).map(({ vkey }) => vkey) }),
      'vkey-unusable',
    ],
  ]
  test.each(CLAIMS)('is refused %s, and the application stays as it was', async (_, claim, reason) => {
    await using applicant = await createApplicant(root)
    applicant.publishLog(await claim(applicant.log))
    const refused = await take(applicant)
    const problem = await readJson(refused)
    expect([refused.status, problem['code']]).toEqual([422, 'log-not-own'])
    expect(problem['detail']).toContain(reason)
    applicant.publishLog(applicant.log)
    expect((await take(applicant)).status).toBe(200)
  })

  test('whose key is a federation key of the applicant is refused', async () => {
    await using applicant = await createApplicant(root)
    const shared = await newLogKey()
    applicant.publishLog(ownLogMetadata(applicant.entityId, [shared.publicJwk]))
    applicant.publish({ jwks: { keys: [applicant.federation.publicJwk, shared.publicJwk] } })
    const keys = [applicant.federation.publicJwk, shared.publicJwk].map(
      (jwk) => JSON.parse(JSON.stringify(jwk)) as unknown,
    )
    const { id } = await readJson(await applicant.apply({ body: { jwks: { keys } } }))
    const refused = await root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
    expect((await readJson(refused))['detail']).toContain('key-shared')
  })
})

describe('a provider that was assigned before it had a log', () => {
  test('names it once: the same again is answered the same, another is refused', async () => {
    await using applicant = await createApplicant(root)
    await makeProvider(root, applicant, 'L3')
    expect(await statedLog(applicant)).toBeUndefined()
    const first = await applicant.sendLog('L3')
    const text = await first.text()
    expect([first.status, JSON.parse(text)]).toEqual([200, { code: 'L3', tlog: applicant.log }])
    // At once, also where a statement was kept.
    expect(await statedLog(applicant)).toMatchObject({ ...applicant.log, quorum: 1 })
    const again = await applicant.sendLog('L3')
    expect([again.status, await again.text()]).toEqual([200, text])
    const other = ownLogMetadata(applicant.entityId, [(await newLogKey()).publicJwk])
    const refused = await applicant.sendLog('L3', { body: { ...other } })
    expect([refused.status, (await readJson(refused))['code']]).toEqual([409, 'log-known'])
    expect(await statedLog(applicant)).toMatchObject(applicant.log)
  })

  test('names one of two logs that it sends sixteen times at once', async () => {
    await using applicant = await createApplicant(root)
    await makeProvider(root, applicant, 'L4')
    const other = ownLogMetadata(applicant.entityId, [(await newLogKey()).publicJwk])
    const answers = await Promise.all(
      Array.from({ length: 16 }, async (_, nth) => {
        const log = nth % 2 === 0 ? applicant.log : other
        return { log, status: (await applicant.sendLog('L4', { body: { ...log } })).status }
      }),
    )
    const named = await statedLog(applicant)
    expect(answers.map(({ log, status }) => [log.vkeys[0] === named?.vkeys[0], status])).toEqual(
      answers.map(({ log }) => (log.vkeys[0] === named?.vkeys[0] ? [true, 200] : [false, 409])),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]))
  })

  const REFUSALS: [string, string, (applicant: TestApplicant) => Promise<ApplyOptions>, number, string][] = [
    ['of a code that nobody has', 'L9', async () => ({}), 404, 'entity-unknown'],
    ['of a code that is none', '0', async () => ({}), 400, 'code-malformed'],
    ['with another key', 'L5', async () => ({ signer: await newSigner() }), 401, 'request-signature-invalid'],
    [
      'in the name of another',
      'L5',
      async () => ({ claims: { iss: 'https://p1.example', sub: 'https://p1.example' } }),
      401,
      'request-signature-invalid',
    ],
    [
      'for another root',
      'L5',
      async () => ({ claims: { aud: 'https://other.example' } }),
      401,
      'request-signature-invalid',
    ],
    [
      'for another provider',
      'L5',
      async () => ({ claims: { path: '/v1/providers/L1/log' } }),
      401,
      'request-signature-invalid',
    ],
    [
      'of ten minutes ago',
      'L5',
      async () => ({ at: new Date(Date.now() - 600_000) }),
      401,
      'request-signature-invalid',
    ],
    ['with a member nobody knows', 'L5', async () => ({ body: { quorum: 0 } }), 400, 'request-invalid'],
    ['without keys', 'L5', async () => ({ body: { vkeys: [] } }), 400, 'request-invalid'],
    [
      'under the origin of another',
      'L5',
      async () => ({ body: { origin: 'p1.example/tlog' } }),
      422,
      'log-not-own',
    ],
  ]
  test('is refused for every fault, and its log is not named by any of them', async () => {
    await using applicant = await createApplicant(root)
    await makeProvider(root, applicant, 'L5')
    for (const [what, code, options, status, problem] of REFUSALS) {
      const refused = await applicant.sendLog(code, await options(applicant))
      expect([what, refused.status, (await readJson(refused))['code']]).toEqual([what, status, problem])
    }
    expect(await statedLog(applicant)).toBeUndefined()
    const asJson = await fetch(`${root.url}/v1/providers/L5/log`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(asJson.status).toBe(415)
  })

  test('names no key that is known as another’s: the root’s, or that of another log', async () => {
    await using other = await createApplicant(root)
    await makeProvider(root, other, 'LA')
    expect((await other.sendLog('LA')).status).toBe(200)
    await using applicant = await createApplicant(root)
    await makeProvider(root, applicant, 'LB')
    for (const key of [root.keys.signer('tlog'), other.logKey]) {
      const log = ownLogMetadata(applicant.entityId, [key.publicJwk])
      const refused = await applicant.sendLog('LB', { body: { ...log } })
      const problem = await readJson(refused)
      expect([refused.status, problem['code']]).toEqual([422, 'log-not-own'])
      expect(problem['detail']).toContain('key-shared')
    }
    await using newcomer = await createApplicant(root)
    newcomer.publishLog(ownLogMetadata(newcomer.entityId, [other.logKey.publicJwk]))
    expect((await take(newcomer)).status).toBe(422)
  })

  test('has its log changed by nobody afterwards, not even by hand', async () => {
    const { db } = root.database
    await expect(db.updateTable('provider').set({ tlog: null }).execute()).rejects.toThrow(/known already/)
  })
})

describe('the root', () => {
  test('names its own log, and as witnesses the providers that have one, each by its log’s key as a cosigner', async () => {
    await using other = await startTestRoot()
    const read = async () => {
      const text = await (await other.get('/.well-known/openid-federation')).text()
      const configuration = readEntityConfiguration(text)
      if (configuration.kind === 'rejected') throw new Error(configuration.detail)
      return configuration.claims.metadata.agent_code_root?.tlog
    }
    const own = ownLogMetadata(other.url, [other.keys.signer('tlog').publicJwk])
    expect(await read()).toEqual({ ...own, witnesses: [], quorum: 0 })
    await using applicant = await createApplicant(other)
    applicant.publishLog(applicant.log)
    await makeProvider(other, applicant, 'W1')
    const { witnessing } = other.root.deps
    await waitFor(() => witnessing.quorum() === 1, { what: 'the first witness' })
    const witness = {
      vkey: createCosigner(applicant.entityId, applicant.logKey).vkey,
      url: `${applicant.entityId}/`,
    }
    expect(await witnessing.witnesses()).toEqual([witness])
  })

  test('asks for no more witnesses than there are, and for no provider that is suspended', async () => {
    await using other = await startTestRoot()
    await using applicant = await createApplicant(other)
    applicant.publishLog(applicant.log)
    await makeProvider(other, applicant, 'W2')
    const { witnessing } = other.root.deps
    const asked = async () => [(await witnessing.witnesses()).length, witnessing.quorum()]
    await expect.poll(asked).toEqual([1, 1])
    await other.act('provider:suspend', { provider: 'W2' })
    await expect.poll(asked).toEqual([0, 0])
    await other.act('provider:resume', { provider: 'W2' })
    await expect.poll(asked).toEqual([1, 1])
  })

  test('cosigns the log of its provider, and no other', async () => {
    await using applicant = await createApplicant(root)
    applicant.publishLog(applicant.log)
    const checkpointOf = async (entityId: string) =>
      formatAddCheckpoint({
        oldSize: 0,
        proof: [],
        checkpoint: await signCheckpoint(
          { origin: createLogSigner(entityId, applicant.logKey).name, size: 0, root: EMPTY_ROOT },
          createLogSigner(entityId, applicant.logKey),
        ),
      })
    const add = (body: string) => fetch(`${root.url}/add-checkpoint`, { method: 'POST', body })
    expect((await add(await checkpointOf(applicant.entityId))).status).toBe(404)
    await makeProvider(root, applicant, 'L6')
    const cosigned = await add(await checkpointOf(applicant.entityId))
    expect([cosigned.status, (await cosigned.text()).split(' ')[1]]).toEqual([200, root.url.slice(7)])
    expect((await add(await checkpointOf('https://p1.example'))).status).toBe(404)
  })
})
