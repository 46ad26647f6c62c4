import {
  MEDIA_TYPE,
  readLogEntry,
  readSubordinateStatement,
  recordHash,
  signCompact,
  signKeyEndorsement,
  signRegistryRequest,
  verifyKeyEndorsement,
  verifyKeyHistory,
  type KeyEndorsement,
  type LogEntry,
  type RegistryRequest,
  type Signer,
} from '@arc3088/records'
import { decodeEntryBundle } from '@arc3088/tlog'
import { ownLogMetadata } from '@arc3088/issuer'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

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

let codes = 0
const nextCode = () => `K${(++codes).toString(36).toUpperCase()}`

/** A provider with a code, and a hand that writes to the root's door. */
interface KeyHolder extends AsyncDisposable {
  readonly applicant: TestApplicant
  readonly code: string
  /** Signs what it says of a key, with its first federation key unless told otherwise. */
  document(change: Partial<KeyEndorsement> & Pick<KeyEndorsement, 'key'>, signer?: Signer): Promise<string>
  send(body: unknown, options?: SendOptions): Promise<Response>
  /** Says it, and demands that the root says it too. */
  tell(change: Partial<KeyEndorsement> & Pick<KeyEndorsement, 'key'>, signer?: Signer): Promise<string>
}

interface SendOptions {
  readonly signer?: Signer
  readonly claims?: Partial<RegistryRequest>
  readonly mediaType?: string
}

async function createHolder(): Promise<KeyHolder> {
  const applicant = await createApplicant(root)
  const code = nextCode()
  await makeProvider(root, applicant, code)
  const { entityId, federation } = applicant
  const path = `/v1/providers/${code}/keys`
  const document: KeyHolder['document'] = async (change, signer = federation) =>
    await signKeyEndorsement(signer, {
      iss: entityId,
      sub: entityId,
      iat: Math.floor(Date.now() / 1000),
      jti: v7(),
      event: 'announce',
      purpose: 'issuing',
      ...change,
    })
  const send: KeyHolder['send'] = async (body, options = {}) => {
    const iat = Math.floor(Date.now() / 1000)
    const request = await signRegistryRequest(options.signer ?? federation, {
      iss: entityId,
      sub: entityId,
      aud: root.url,
      iat,
      exp: iat + 300,
      jti: v7(),
      method: 'POST',
      path,
      body: body as never,
      ...options.claims,
    })
    return await fetch(`${root.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': options.mediaType ?? MEDIA_TYPE.registryRequest },
      body: request,
    })
  }
  return {
    applicant,
    code,
    document,
    send,
    async tell(change, signer = federation) {
      const response = await send({ endorsement: await document(change, signer) }, { signer })
      const text = await response.text()
      if (response.status !== 201) throw new Error(text)
      return text
    },
    [Symbol.asyncDispose]: () => applicant[Symbol.asyncDispose](),
  }
}

async function refusalOf(response: Response): Promise<string> {
  return `${response.status} ${String((await readJson(response))['code'])}`
}

async function statedKids({ applicant }: KeyHolder): Promise<string[]> {
  const response = await root.get(`/federation/fetch?sub=${encodeURIComponent(applicant.entityId)}`)
  const read = readSubordinateStatement(await response.text())
  if (read.kind === 'rejected') throw new Error(read.detail)
  return read.claims.jwks.keys.map(({ kid }) => kid)
}

/** What the root's log says of a key, or is about to. */
async function entriesAbout(kid: string): Promise<LogEntry[]> {
  const { db } = root.database
  const queued = await db.selectFrom('log_queue').select('entries').execute()
  const bundles = await db.selectFrom('log_tile').select('data').where('level', '=', -1).execute()
  const decoder = new TextDecoder()
  const logged = bundles.flatMap(({ data }) =>
    (decodeEntryBundle(new Uint8Array(data)) ?? []).map((entry) => decoder.decode(entry)),
  )
  const texts = new Set([...queued.flatMap(({ entries }) => entries), ...logged])
  return [...texts].flatMap((text) => {
    const entry = readLogEntry(text)
    return entry?.c === kid ? [entry] : []
  })
}

async function statedVkeys({ applicant }: KeyHolder): Promise<readonly string[]> {
  const response = await root.get(`/federation/fetch?sub=${encodeURIComponent(applicant.entityId)}`)
  const read = readSubordinateStatement(await response.text())
  return read.kind === 'read' ? (read.claims.metadata.agent_code_provider.tlog?.vkeys ?? []) : []
}

describe('a provider’s word about its key', () => {
  test('is said again by the root, in its own name, and stands in the root’s log', async () => {
    await using holder = await createHolder()
    const next = await newSigner()
    const own = await holder.document({ key: next.publicJwk })
    const response = await holder.send({ endorsement: own })
    expect([response.status, response.headers.get('content-type')]).toEqual([201, MEDIA_TYPE.keyEndorsement])
    const text = await response.text()
    expect(await verifyKeyEndorsement(text, [root.keys.signer('federation').publicJwk])).toMatchObject({
      claims: {
        iss: root.url,
        sub: holder.applicant.entityId,
        event: 'announce',
        purpose: 'issuing',
        key: { kid: next.kid },
        endorses: await recordHash(own),
      },
    })
    expect(await entriesAbout(next.kid)).toMatchObject([{ t: 'endorse', h: await recordHash(text) }])
  })

  test('sent again with new times, or in a new request, is answered by the same bytes', async () => {
    await using holder = await createHolder()
    const endorsement = await holder.document({ key: (await newSigner()).publicJwk })
    const jti = v7()
    const first = await (await holder.send({ endorsement }, { claims: { jti } })).text()
    const iat = Math.floor(Date.now() / 1000) - 30
    const retry = await holder.send({ endorsement }, { claims: { jti, iat, exp: iat + 300 } })
    expect(await retry.text()).toBe(first)
    expect(await (await holder.send({ endorsement })).text()).toBe(first)
  })

  test('sent eight times at once is logged once', async () => {
    await using holder = await createHolder()
    const { publicJwk: key } = await newSigner()
    const endorsement = await holder.document({ key })
    const jti = v7()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => holder.send({ endorsement }, { claims: { jti } })),
    )
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    expect(new Set(texts).size).toBe(1)
    expect(await entriesAbout(key.kid)).toHaveLength(1)
  })

  test('under a request id that stood for another is refused', async () => {
    await using holder = await createHolder()
    const jti = v7()
    await holder.send(
      { endorsement: await holder.document({ key: (await newSigner()).publicJwk }) },
      { claims: { jti } },
    )
    const other = await holder.document({ key: (await newSigner()).publicJwk })
    expect(await refusalOf(await holder.send({ endorsement: other }, { claims: { jti } }))).toBe(
      '422 idempotency-key-reused',
    )
  })
})

describe('a new federation key', () => {
  test('stands in the statement from its announcement, takes over, and the old one leaves with its retirement', async () => {
    await using holder = await createHolder()
    const { federation } = holder.applicant
    const next = await newSigner()
    const about = { purpose: 'federation', key: next.publicJwk } as const
    await holder.tell({ event: 'activate', purpose: 'federation', key: federation.publicJwk })
    await holder.tell(about)
    expect(await statedKids(holder)).toEqual([federation.kid, next.kid])
    await holder.tell({ ...about, event: 'activate' })
    await holder.tell(
      { event: 'retire', purpose: 'federation', key: federation.publicJwk, exp: 1_790_000_000 },
      next,
    )
    expect(await statedKids(holder)).toEqual([next.kid])
    const late = await holder.send({
      endorsement: await holder.document({ key: (await newSigner()).publicJwk }),
    })
    expect(await refusalOf(late)).toBe('401 request-signature-invalid')
  })

  test('is the last one that is ever taken away', async () => {
    await using holder = await createHolder()
    const { federation } = holder.applicant
    await holder.tell({ event: 'activate', purpose: 'federation', key: federation.publicJwk })
    const endorsement = await holder.document({
      event: 'compromise',
      purpose: 'federation',
      key: federation.publicJwk,
      revoked_at: 1_790_000_000,
    })
    expect(await refusalOf(await holder.send({ endorsement }))).toBe('409 key-state')
    expect(await statedKids(holder)).toEqual([federation.kid])
  })
})

describe('a new key of the log', () => {
  test('is one by which the log is verified from its announcement, and leaves only when it is compromised', async () => {
    await using holder = await createHolder()
    const { applicant, code } = holder
    expect((await applicant.sendLog(code)).status).toBe(200)
    const next = await newLogKey()
    const about = { purpose: 'tlog', key: next.publicJwk } as const
    await holder.tell({ event: 'activate', purpose: 'tlog', key: applicant.logKey.publicJwk })
    await holder.tell(about)
    const vkeyOf = (signer: Signer) => ownLogMetadata(applicant.entityId, [signer.publicJwk]).vkeys
    expect(await statedVkeys(holder)).toEqual([...vkeyOf(applicant.logKey), ...vkeyOf(next)])
    await holder.tell({ ...about, event: 'activate' })
    // What signs stands first: by it the provider is asked to witness the root's log.
    expect(await statedVkeys(holder)).toEqual([...vkeyOf(next), ...vkeyOf(applicant.logKey)])
    await holder.tell({
      event: 'retire',
      purpose: 'tlog',
      key: applicant.logKey.publicJwk,
      exp: 1_790_000_000,
    })
    expect((await statedVkeys(holder)).length).toBe(2)
    const lost = { event: 'compromise', revoked_at: 1_790_000_000 } as const
    await holder.tell({ ...lost, purpose: 'tlog', key: applicant.logKey.publicJwk })
    expect(await statedVkeys(holder)).toEqual(vkeyOf(next))
  })

  test('is refused where the statement could not name it beside those before it', async () => {
    await using holder = await createHolder()
    const { applicant, code } = holder
    expect((await applicant.sendLog(code)).status).toBe(200)
    await holder.tell({ event: 'activate', purpose: 'tlog', key: applicant.logKey.publicJwk })
    for (let nth = 1; nth < 16; nth += 1) {
      const { publicJwk: key } = await newLogKey()
      await holder.tell({ purpose: 'tlog', key })
      await holder.tell({ event: 'activate', purpose: 'tlog', key })
    }
    const { publicJwk: key } = await newLogKey()
    const endorsement = await holder.document({ purpose: 'tlog', key })
    expect(await refusalOf(await holder.send({ endorsement }))).toBe('409 key-state')
    expect(await statedVkeys(holder)).toHaveLength(16)
  })

  test('of another algorithm than Ed25519 is refused', async () => {
    await using holder = await createHolder()
    const { publicJwk: key } = await newSigner()
    const endorsement = await holder.document({ purpose: 'tlog', key })
    expect(await refusalOf(await holder.send({ endorsement }))).toBe('400 request-invalid')
  })
})

describe('the door refuses', () => {
  test('a key under two purposes: of this provider, of another, and of the root itself', async () => {
    await using holder = await createHolder()
    await using other = await createHolder()
    const { publicJwk: key } = await newSigner()
    await holder.tell({ key })
    const attempts: [KeyHolder, KeyEndorsement['purpose'], typeof key][] = [
      [holder, 'status', key],
      [other, 'issuing', key],
      [holder, 'issuing', holder.applicant.federation.publicJwk],
      [other, 'issuing', holder.applicant.federation.publicJwk],
      [other, 'federation', root.officerKey('ann').publicJwk],
      [other, 'federation', root.keys.signer('root').publicJwk],
    ]
    for (const [who, purpose, each] of attempts) {
      const endorsement = await who.document({ purpose, key: each })
      expect(await refusalOf(await who.send({ endorsement }))).toBe('409 key-two-purposes')
    }
  })

  test('a key under a kid of its own choice, by which it would pass for nobody’s', async () => {
    await using holder = await createHolder()
    const { kid } = (await newSigner()).publicJwk
    const key = { ...root.keys.signer('tlog').publicJwk, kid }
    const endorsement = await holder.document({ purpose: 'tlog', key })
    expect(await refusalOf(await holder.send({ endorsement }))).toBe('400 request-invalid')
  })

  test('more keys of a purpose than can reasonably wait', async () => {
    await using holder = await createHolder()
    for (let nth = 0; nth < 4; nth += 1) await holder.tell({ key: (await newSigner()).publicJwk })
    const endorsement = await holder.document({ key: (await newSigner()).publicJwk })
    expect(await refusalOf(await holder.send({ endorsement }))).toBe('409 key-state')
  })

  test('a step that the key cannot take', async () => {
    await using holder = await createHolder()
    const { publicJwk: key } = await newSigner()
    await holder.tell({ key })
    const unknown = (await newSigner()).publicJwk
    const changes = [
      { event: 'retire', exp: 1_790_000_000, key },
      { event: 'activate', key: unknown },
      { event: 'compromise', revoked_at: 1_790_000_000, key: unknown },
    ] as const
    for (const change of changes) {
      const endorsement = await holder.document(change)
      expect(await refusalOf(await holder.send({ endorsement }))).toBe('409 key-state')
    }
  })

  const MALFORMED: [string, (holder: KeyHolder) => Promise<Response>, string][] = [
    ['no endorsement', (holder) => holder.send({}), '400 request-invalid'],
    ['words for an endorsement', (holder) => holder.send({ endorsement: 'x' }), '400 request-invalid'],
    [
      'a member nobody knows',
      async (holder) =>
        holder.send({
          endorsement: await holder.document({ key: (await newSigner()).publicJwk }),
          colour: 1,
        }),
      '400 request-invalid',
    ],
    [
      'a document of another kind',
      async (holder) =>
        holder.send({ endorsement: await signCompact(holder.applicant.federation, 'JWT', { iss: 'x' }) }),
      '400 request-invalid',
    ],
    [
      'a document without its instant',
      async (holder) =>
        holder.send({
          endorsement: await signCompact(holder.applicant.federation, 'agent-code-key-endorsement+jwt', {
            iss: holder.applicant.entityId,
            sub: holder.applicant.entityId,
            iat: 1,
            jti: v7(),
            event: 'compromise',
            purpose: 'issuing',
            key: (await newSigner()).publicJwk,
          }),
        }),
      '400 request-invalid',
    ],
    [
      'a document signed by the new key itself',
      async (holder) => {
        const next = await newSigner()
        return await holder.send({ endorsement: await holder.document({ key: next.publicJwk }, next) })
      },
      '401 request-signature-invalid',
    ],
    [
      'a document about another entity’s key',
      async (holder) => {
        const foreign = { iss: 'https://other.example', sub: 'https://other.example' }
        const { publicJwk: key } = await newSigner()
        return await holder.send({ endorsement: await holder.document({ ...foreign, key }) })
      },
      '401 request-signature-invalid',
    ],
    [
      'a document of tomorrow',
      async (holder) => {
        const iat = Math.floor(Date.now() / 1000) + 86_400
        const { publicJwk: key } = await newSigner()
        return await holder.send({ endorsement: await holder.document({ iat, key }) })
      },
      '401 request-signature-invalid',
    ],
    [
      'a request signed by a stranger',
      async (holder) =>
        holder.send(
          { endorsement: await holder.document({ key: (await newSigner()).publicJwk }) },
          { signer: await newSigner() },
        ),
      '401 request-signature-invalid',
    ],
    [
      'a request for another root',
      async (holder) =>
        holder.send(
          { endorsement: await holder.document({ key: (await newSigner()).publicJwk }) },
          { claims: { aud: 'https://other.example' } },
        ),
      '401 request-signature-invalid',
    ],
    [
      'a request for another path',
      async (holder) =>
        holder.send(
          { endorsement: await holder.document({ key: (await newSigner()).publicJwk }) },
          { claims: { path: '/v1/providers/ZZ/keys' } },
        ),
      '401 request-signature-invalid',
    ],
    [
      'plain JSON',
      (holder) => holder.send({}, { mediaType: 'application/json' }),
      '415 media-type-unsupported',
    ],
  ]
  test.each(MALFORMED)('%s', async (_, send, refusal) => {
    await using holder = await createHolder()
    expect(await refusalOf(await send(holder))).toBe(refusal)
  })

  test.each([
    ['ZZZZZ', '404 entity-unknown'],
    ['0A', '400 code-malformed'],
  ])('what comes for the code %s', async (code, refusal) => {
    const response = await fetch(`${root.url}/v1/providers/${code}/keys`, {
      method: 'POST',
      headers: { 'content-type': MEDIA_TYPE.registryRequest },
      body: 'x',
    })
    expect(await refusalOf(response)).toBe(refusal)
  })
})

test('the root serves its key history, signed by its federation key, where its configuration says', async () => {
  const response = await root.get('/federation/historical-keys')
  expect([response.status, response.headers.get('content-type')]).toEqual([200, MEDIA_TYPE.keyHistory])
  const verified = await verifyKeyHistory(await response.text(), [root.keys.signer('federation').publicJwk])
  expect(verified).toMatchObject({ kind: 'verified', claims: { iss: root.url } })
  const configuration = await (await root.get('/.well-known/openid-federation')).text()
  const claims = Buffer.from(configuration.split('.')[1] ?? '', 'base64url').toString()
  expect(claims).toContain(`"key_history_uri":"${root.url}/federation/historical-keys"`)
})
