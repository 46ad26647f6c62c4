import { parseSubject } from '@arc3088/codec'
import { describe, expect, test } from 'vitest'

import type { AssignmentRecord } from './assignment-record.ts'
import {
  codeAssignmentOf,
  readAssignmentRecord,
  signAssignmentRecord,
  signMadeAssignmentRecord,
} from './assignment-record.ts'
import { statusClaim } from './claims.ts'
import { signCompact } from './compact-jws.ts'
import { jcsDigest, recordHash } from './digest.ts'
import { readEntityConfiguration, signEntityConfiguration } from './entity-configuration.ts'
import { TYP } from './media-type.ts'
import { requestHash, signRegistryRequest, verifyRegistryRequest } from './registry-request.ts'
import { signResolutionAnswer } from './resolution-answer.ts'
import { parseRootKeySetJws, rootKeySetHash, signRootKeySet, verifyRootKeySet } from './root-key-set.ts'
import type { RootKeySet } from './root-key-set.ts'
import { createMemorySigner, generateSigningKey } from './signer.ts'
import { signStatusListToken, statusAt } from './status-list-token.ts'
import { STATUS, packStatusList } from './status-list.ts'
import { timeFault } from './time-window.ts'

const T0 = 1_790_000_000
const JTI = '01a1d2b4-6c00-7000-8000-000000000001'
const { privateJwk, publicJwk } = await generateSigningKey('ES256')
const signer = await createMemorySigner({ alg: 'ES256', privateJwk })

function recordOf(subject: string): AssignmentRecord {
  return {
    iss: 'https://p1.example',
    sub: subject,
    iat: T0,
    jti: JTI,
    code_assignment: codeAssignmentOf(parseSubject(subject)),
    status: statusClaim('https://p1.example/status/1', 1),
  }
}

describe('an assignment record', () => {
  test.each([
    '1.2.156.3088.1.1.34C2',
    '1.2.156.3088.1.1.34C2.478BDF.0',
    '1.2.156.3088.1.1.34C2.478BDF.3GF546',
  ])('of %s reads back as it was signed', async (subject) => {
    const claims = recordOf(subject)
    const read = readAssignmentRecord(await signAssignmentRecord(signer, claims))
    expect(read).toMatchObject({ kind: 'read', claims, kid: publicJwk.kid })
  })

  test('of a provider needs the entity and organization it was given to', async () => {
    const claims = recordOf('1.2.156.3088.1.1')
    await expect(signAssignmentRecord(signer, claims)).rejects.toThrow('needs entity_id')
    claims.code_assignment.entity_id = 'https://p1.example'
    claims.code_assignment.organization = { name: '甲公司', country: 'CN' }
    await expect(signAssignmentRecord(signer, claims)).resolves.toMatch(/^ey/)
  })

  test('put together from typed parts is signed to the same claims, and not where they contradict each other', async () => {
    const claims = recordOf('1.2.156.3088.1.1.34C2.478BDF.3GF546')
    const read = readAssignmentRecord(await signMadeAssignmentRecord(signer, claims))
    expect(read).toMatchObject({ kind: 'read', claims })
    const other = { ...claims, sub: '1.2.156.3088.1.1.34C2.478BDF.3GF547' }
    await expect(signMadeAssignmentRecord(signer, other)).rejects.toThrow('the segments are not those of sub')
  })

  test('is not signed with a claim the format does not know, at any depth', async () => {
    const claims = recordOf('1.2.156.3088.1.1.34C2')
    await expect(signAssignmentRecord(signer, { ...claims, extra: 1 } as AssignmentRecord)).rejects.toThrow(
      '/extra',
    )
    const nested = { ...claims, code_assignment: { ...claims.code_assignment, name: 'A. Person' } }
    await expect(signAssignmentRecord(signer, nested)).rejects.toThrow('/code_assignment/name')
  })

  test('has an identity that a rewritten ES256 signature does not change', async () => {
    const claims = recordOf('1.2.156.3088.1.1.34C2')
    const [first, second] = await Promise.all([
      signAssignmentRecord(signer, claims),
      signAssignmentRecord(signer, claims),
    ])
    expect(first).not.toBe(second)
    expect(await recordHash(first)).toBe(await recordHash(second))
    await expect(recordHash('no-jws')).rejects.toThrow(TypeError)
  })
})

describe('an entity configuration', () => {
  const configuration = {
    iss: 'https://root.example',
    sub: 'https://root.example',
    iat: T0,
    exp: T0 + 86_400,
    jwks: { keys: [publicJwk] },
    metadata: { federation_entity: { organization_name: 'Root' } },
  }

  test('is about its issuer', async () => {
    await expect(
      signEntityConfiguration(signer, { ...configuration, sub: 'https://other.example' }),
    ).rejects.toThrow(TypeError)
  })

  test.each([
    ['http to elsewhere', 'http://root.example'],
    ['a query', 'https://root.example/?a=1'],
    ['a fragment', 'https://root.example/#a'],
    ['upper case', 'https://ROOT.example'],
    ['credentials', 'https://me@root.example'],
    ['a default port', 'https://root.example:443'],
  ])('is refused with %s in its identifier', async (_, id) => {
    await expect(signEntityConfiguration(signer, { ...configuration, iss: id, sub: id })).rejects.toThrow(
      TypeError,
    )
  })

  test.each([
    'https://root.example/tenant/1',
    'http://127.0.0.1:3088',
    'http://[::1]:3088',
    'http://localhost:3088',
  ])('may be that of %s', async (id) => {
    await expect(signEntityConfiguration(signer, { ...configuration, iss: id, sub: id })).resolves.toMatch(
      /^ey/,
    )
  })

  test('that lists a private key is refused', async () => {
    const jwks = { keys: [{ ...publicJwk, d: privateJwk.d }] }
    const jws = await signCompact(signer, TYP.entityStatement, { ...configuration, jwks })
    expect(readEntityConfiguration(jws)).toMatchObject({ kind: 'rejected', reason: 'claims-invalid' })
  })

  test('that lists a key twice, or a symmetric one, is refused', async () => {
    for (const keys of [
      [publicJwk, publicJwk],
      [{ kty: 'oct', k: 'AAAA', kid: publicJwk.kid, alg: 'HS256' }],
    ]) {
      const jws = await signCompact(signer, TYP.entityStatement, { ...configuration, jwks: { keys } })
      expect(readEntityConfiguration(jws)).toMatchObject({ kind: 'rejected', reason: 'claims-invalid' })
    }
  })

  test('of others may call Ed25519 by its old name', async () => {
    const old = await generateSigningKey('Ed25519')
    const keys = [{ ...old.publicJwk, alg: 'EdDSA' }]
    const read = readEntityConfiguration(
      await signCompact(signer, TYP.entityStatement, { ...configuration, jwks: { keys } }),
    )
    expect(read.kind === 'read' && read.claims.jwks.keys[0]?.alg).toBe('Ed25519')
  })
})

describe('a root key set', () => {
  async function createSet(count: number, threshold: number) {
    const keys = await Promise.all(Array.from({ length: count }, () => generateSigningKey('ES256')))
    const signers = await Promise.all(
      keys.map((key) => createMemorySigner({ alg: 'ES256', privateJwk: key.privateJwk })),
    )
    const claims: RootKeySet = {
      iss: 'https://root.example',
      seq: 1,
      prev: null,
      threshold,
      root_keys: keys.map((key) => key.publicJwk),
      keys: { federation: [publicJwk] },
      nbf: T0,
      exp: T0 + 86_400,
    }
    return { signers, claims }
  }

  test('is verified when its threshold is met, and only then', async () => {
    const { signers, claims } = await createSet(3, 2)
    expect((await verifyRootKeySet(await signRootKeySet(signers.slice(0, 2), claims))).kind).toBe('verified')
    expect(await verifyRootKeySet(await signRootKeySet(signers.slice(0, 1), claims))).toMatchObject({
      reason: 'threshold-not-met',
    })
  })

  test('is refused for one bad signature among enough good ones', async () => {
    const { signers, claims } = await createSet(3, 2)
    const jws = await signRootKeySet(signers, claims)
    const other = await signRootKeySet(signers, { ...claims, exp: claims.exp + 1 })
    const signatures = [...jws.signatures.slice(0, 2), ...other.signatures.slice(2)]
    expect(await verifyRootKeySet({ ...jws, signatures })).toMatchObject({ reason: 'signature-invalid' })
  })

  test('is refused when a key signs twice, or a stranger signs too', async () => {
    const { signers, claims } = await createSet(2, 2)
    const [first] = signers
    const twice = await signRootKeySet(first === undefined ? [] : [first, first], claims)
    expect(await verifyRootKeySet(twice)).toMatchObject({ reason: 'key-repeated' })
    expect(await verifyRootKeySet(await signRootKeySet([...signers, signer], claims))).toMatchObject({
      reason: 'key-unknown',
    })
  })

  test('is refused with an unprotected header', async () => {
    const { signers, claims } = await createSet(1, 1)
    const jws = await signRootKeySet(signers, claims)
    const signatures = jws.signatures.map((each) => ({ ...each, header: { kid: 'x' } }))
    expect(await verifyRootKeySet({ ...jws, signatures })).toMatchObject({ reason: 'jws-malformed' })
  })

  test('lives 400 days at most and lists no key for two purposes', async () => {
    const { signers, claims } = await createSet(1, 1)
    await expect(signRootKeySet(signers, { ...claims, exp: claims.nbf + 401 * 86_400 })).rejects.toThrow(
      '400 days',
    )
    await expect(
      signRootKeySet(signers, { ...claims, keys: { federation: claims.root_keys } }),
    ).rejects.toThrow('twice')
  })

  test('is read from text, unless a member stands twice', async () => {
    const { signers, claims } = await createSet(1, 1)
    const jws = await signRootKeySet(signers, claims)
    expect(parseRootKeySetJws(JSON.stringify(jws, undefined, 2))).toEqual(jws)
    expect(parseRootKeySetJws(`{"payload":"x",${JSON.stringify(jws).slice(1)}`)).toMatchObject({
      reason: 'json-duplicate-member',
    })
    expect(await rootKeySetHash(jws)).toMatch(/^[\w-]{43}$/)
  })
})

describe('a live answer', () => {
  const negative = {
    iss: 'https://p1.example',
    iat: T0,
    exp: T0 + 120,
    sub: '1.2.156.3088.1.1.34C2.478BDF.3GF546',
    at: T0,
    result: 'not_assigned',
  } as const

  test('says assigned with record and status, or not assigned with neither', async () => {
    await expect(signResolutionAnswer(signer, negative)).resolves.toMatch(/^ey/)
    await expect(signResolutionAnswer(signer, { ...negative, status: 'valid' })).rejects.toThrow(TypeError)
    await expect(signResolutionAnswer(signer, { ...negative, result: 'assigned' })).rejects.toThrow(TypeError)
    const positive = { ...negative, result: 'assigned', assignment: 'a.b.c', status: 'suspended' } as const
    await expect(signResolutionAnswer(signer, positive)).resolves.toMatch(/^ey/)
  })
})

describe('a status list token', () => {
  test('answers the status of an entry and refuses what it does not have', async () => {
    const lst = await packStatusList([[9, STATUS.suspended]])
    const claims = {
      sub: 'https://p1.example/status/1',
      iat: T0,
      exp: T0 + 3600,
      ttl: 300,
      status_list: { bits: 4, lst },
    } as const
    await expect(signStatusListToken(signer, claims)).resolves.toMatch(/^ey/)
    expect(await statusAt(claims, 9)).toBe(STATUS.suspended)
    await expect(statusAt(claims, 131_072)).rejects.toThrow(RangeError)
  })
})

describe('a request between nodes', () => {
  const request = {
    iss: 'https://p1.example',
    sub: 'https://p1.example',
    aud: 'https://root.example',
    iat: T0,
    exp: T0 + 300,
    jti: JTI,
    method: 'POST',
    path: '/v1/provider-applications',
    body: { name: '甲公司', tags: [1, null] },
  } as const

  test('is verified with its body', async () => {
    const verified = await verifyRegistryRequest(
      await signRegistryRequest(signer, { ...request, body: { a: [1] } }),
      [publicJwk],
    )
    expect(verified).toMatchObject({ kind: 'verified', claims: { body: { a: [1] } } })
  })

  test('lives 300 seconds at most, in its own name', async () => {
    const body = { a: 1 }
    await expect(signRegistryRequest(signer, { ...request, body, exp: T0 + 301 })).rejects.toThrow(
      '300 seconds',
    )
    await expect(
      signRegistryRequest(signer, { ...request, body, sub: 'https://p2.example' }),
    ).rejects.toThrow(TypeError)
  })

  test('is the same request with new times, and another with another body, path or method', async () => {
    const body = { b: 1, a: 2 }
    const hash = await requestHash({ ...request, body })
    expect(await requestHash({ ...request, body: { a: 2, b: 1 }, iat: T0 + 9, exp: T0 + 99 })).toBe(hash)
    expect(await requestHash({ ...request, body: { a: 2, b: 2 } })).not.toBe(hash)
    expect(await requestHash({ ...request, body, path: '/v1/other' })).not.toBe(hash)
    expect(await requestHash({ ...request, body, method: 'PUT' })).not.toBe(hash)
  })
})

test('a digest is over the canonical form', async () => {
  expect(await jcsDigest({ b: 1, a: '智' })).toBe(await jcsDigest({ a: '智', b: 1 }))
  expect(await jcsDigest({})).toMatch(/^sha-256:[\w-]{43}$/)
})

test('times tolerate a signer whose clock runs ahead, and never stretch an expiry', () => {
  expect(timeFault({ iat: T0 + 60 }, T0)).toBeUndefined()
  expect(timeFault({ iat: T0 + 61 }, T0)).toBe('issued-in-future')
  expect(timeFault({ nbf: T0 + 61 }, T0)).toBe('not-yet-valid')
  expect(timeFault({ iat: T0, exp: T0 + 10 }, T0 + 10)).toBeUndefined()
  expect(timeFault({ iat: T0, exp: T0 + 10 }, T0 + 11)).toBe('expired')
})
