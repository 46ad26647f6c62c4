import { describe, expect, test } from 'vitest'

import { RecognitionAgreement } from './agreement-terms.ts'
import type { AgreementJws } from './agreement.ts'
import {
  addAgreementPart,
  agreementHash,
  agreementPayload,
  agreementPayloadFault,
  checkAgreement,
  isComplete,
  readAgreement,
  readAgreementPayload,
  signAgreementPart,
  verifyAgreement,
} from './agreement.ts'
import { decodeBase64url, encodeBase64url } from './base64url.ts'
import type { PublicJwk } from './jwk.ts'
import type { Signer } from './signer.ts'
import { createMemorySigner, generateSigningKey } from './signer.ts'

async function makeSigner(alg: 'ES256' | 'Ed25519'): Promise<Signer> {
  const { privateJwk } = await generateSigningKey(alg)
  return await createMemorySigner({ alg, privateJwk })
}

const [A, B, C] = ['https://a.example', 'https://b.example', 'https://c.example'] as const
const a = await makeSigner('ES256')
const a2 = await makeSigner('Ed25519')
const b = await makeSigner('Ed25519')
const c = await makeSigner('ES256')
const stranger = await makeSigner('ES256')

const KEYS: Record<string, readonly PublicJwk[]> = {
  [A]: [a.publicJwk, a2.publicJwk],
  [B]: [b.publicJwk],
  [C]: [c.publicJwk],
}
const keysOfParty = (entityId: string) => KEYS[entityId] ?? []

function party(entityId: string, prefix: string, signers: readonly Signer[]) {
  return {
    entity_id: entityId,
    territory: 'ZZ',
    code_prefixes: [prefix],
    jwks_thumbprints: signers.map((signer) => signer.kid),
    root_keys_thumbprints: [`${entityId.charAt(8).toUpperCase()}${'r'.repeat(42)}`],
    tlog_vkeys: [],
    contact: 'registry',
  }
}

const terms: RecognitionAgreement = {
  jti: 'urn:uuid:01a1d2b4-6c00-7000-8000-000000000900',
  version: 1,
  supersedes: null,
  iat: 100,
  nbf: 200,
  exp: 1000,
  review_by: 900,
  notice_period_days: 90,
  parties: [party(A, '1.2.156.3088', [a, a2]), party(B, '1.2.250.1', [b]), party(C, '1.2.826.1', [c])],
  scope: { reciprocal: true, levels: ['provider'], scheme_versions: ['1'], purposes: ['resolution'] },
  constraints: { max_path_length: 1, algs: ['ES256', 'Ed25519'], max_status_ttl: 3600 },
  witnessing: { mutual: true },
  legal: {
    document_uri: 'https://a.example/treaties/1',
    document_digest: `sha-256:${'A'.repeat(43)}`,
    governing_language: ['zh', 'en'],
  },
}

async function sign(signers: readonly Signer[], claims = terms): Promise<AgreementJws> {
  const payload = agreementPayload(claims)
  return {
    payload,
    signatures: await Promise.all(signers.map((signer) => signAgreementPart(signer, payload))),
  }
}

async function reasonOf(jws: unknown, keys = keysOfParty) {
  const outcome = await verifyAgreement(jws, keys)
  return outcome.kind === 'rejected' ? outcome.reason : undefined
}

describe('an agreement', () => {
  test('with one signature of each party verifies, in whatever order they signed', async () => {
    const verified = await verifyAgreement(await sign([c, a, b]), keysOfParty)
    expect(verified).toMatchObject({
      kind: 'verified',
      missing: [],
      signatures: [{ entityId: C }, { entityId: A }, { entityId: B }],
    })
  })

  test('keeps its payload and its hash while signatures are added', async () => {
    const first = await sign([a])
    const second = await addAgreementPart(first, await signAgreementPart(b, first.payload))
    expect(second).toMatchObject({ payload: first.payload, signatures: [first.signatures[0], {}] })
    const hash = await agreementHash(first)
    expect(await readAgreement(second)).toMatchObject({ kind: 'read', hash, missing: [C] })
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(first.payload))
    expect(hash).toBe(encodeBase64url(new Uint8Array(digest)))
  })

  test('that some have signed is told from one that all have, and from one with a bad signature', async () => {
    const part = await checkAgreement(await sign([a, b]), keysOfParty)
    expect(part).toMatchObject({ kind: 'checked', missing: [C] })
    expect(part.kind === 'checked' && isComplete(part)).toBe(false)
    const whole = await checkAgreement(await sign([a, b, c]), keysOfParty)
    expect(whole.kind === 'checked' && isComplete(whole)).toBe(true)
    expect(await reasonOf(await sign([a, b]))).toBe('signature-missing')
  })

  test('with claims that nobody here knows keeps them, and verifies', async () => {
    const payload = encodeBase64url(new TextEncoder().encode(JSON.stringify({ ...terms, new_term: 1 })))
    expect(agreementPayloadFault(payload)?.detail).toBe('unknown /new_term')
    await expect(signAgreementPart(a, payload)).rejects.toThrow('unknown /new_term')
    const known = await sign([a, b, c])
    // Whoever knows the claim signs it: the bytes are what is signed.
    const parts = await Promise.all(
      known.signatures.map(async ({ protected: header }, i) => {
        const signer = [a, b, c][i] ?? a
        const signature = await signer.sign(new TextEncoder().encode(`${header}.${payload}`))
        return { protected: header, signature: encodeBase64url(signature) }
      }),
    )
    const verified = await verifyAgreement({ payload, signatures: parts }, keysOfParty)
    expect(verified).toMatchObject({ kind: 'verified', jws: { payload } })
    expect(readAgreementPayload(payload)).toMatchObject({ kind: 'shaped', unknown: '/new_term' })
  })
})

describe('an agreement is refused', () => {
  test('with one bad signature, wherever it stands', async () => {
    const jws = await sign([a, b, c])
    for (const place of [0, 1, 2]) {
      const signatures = jws.signatures.map((each, i) =>
        i === place ? { ...each, signature: jws.signatures[(i + 1) % 3]?.signature ?? '' } : each,
      )
      expect(await reasonOf({ ...jws, signatures })).toBe('signature-invalid')
    }
  })

  test('with two signatures by one party, by two keys that it lists', async () => {
    expect(await reasonOf(await sign([a, a2, b, c]))).toBe('signer-repeated')
    const jws = await sign([a, b])
    const again = await addAgreementPart(jws, await signAgreementPart(a2, jws.payload))
    expect(again).toMatchObject({ kind: 'rejected', reason: 'signer-repeated' })
  })

  test('with two signatures by one key', async () => {
    expect(await reasonOf(await sign([a, a, b, c]))).toBe('key-repeated')
  })

  test('with a signature by a key of nobody', async () => {
    const listed = { ...terms, parties: [...terms.parties] }
    const jws = await sign([a, b, c])
    await expect(sign([stranger], listed)).rejects.toThrow('no party lists key')
    const header = encodeBase64url(
      new TextEncoder().encode(
        JSON.stringify({ alg: 'ES256', kid: stranger.kid, typ: 'agent-code-recognition-agreement+json' }),
      ),
    )
    const signature = encodeBase64url(
      await stranger.sign(new TextEncoder().encode(`${header}.${jws.payload}`)),
    )
    const signatures = [...jws.signatures, { protected: header, signature }]
    expect(await reasonOf({ ...jws, signatures })).toBe('key-of-nobody')
  })

  test('with a key that a party lists and that did not stand in its key set', async () => {
    const withoutOld = (entityId: string) => (entityId === A ? [a2.publicJwk] : keysOfParty(entityId))
    expect(await reasonOf(await sign([a, b, c]), withoutOld)).toBe('key-not-standing')
  })

  test('with an unprotected header, or in another form than General JWS', async () => {
    const jws = await sign([a, b, c])
    const [first, ...rest] = jws.signatures
    expect(await reasonOf({ ...jws, signatures: [{ ...first, header: { kid: a.kid } }, ...rest] })).toBe(
      'jws-malformed',
    )
    expect(await reasonOf(`${first?.protected ?? ''}.${jws.payload}.${first?.signature ?? ''}`)).toBe(
      'jws-malformed',
    )
  })

  test('when a byte of its terms is changed', async () => {
    const jws = await sign([a, b, c])
    const bytes = decodeBase64url(jws.payload) ?? new Uint8Array()
    const text = new TextDecoder().decode(bytes).replace('"notice_period_days":90', '"notice_period_days":91')
    const payload = encodeBase64url(new TextEncoder().encode(text))
    expect(await reasonOf({ ...jws, payload })).toBe('signature-invalid')
  })
})

const partiesWith = (change: object) =>
  terms.parties.map((each, i) => (i === 1 ? { ...each, ...change } : each))

describe('terms are refused', () => {
  test.each<readonly [string, object]>([
    ['with one party', { parties: terms.parties.slice(0, 1) }],
    [
      'with seventeen',
      {
        parties: Array.from({ length: 17 }, (_, i) => ({
          ...party(`https://p${i}.example`, `1.2.${i}`, []),
          jwks_thumbprints: [String(i).padStart(43, 'k')],
          root_keys_thumbprints: [String(i).padStart(43, 'r')],
        })),
      },
    ],
    ['with an entity twice', { parties: partiesWith({ entity_id: A }) }],
    ['with a prefix of another party', { parties: partiesWith({ code_prefixes: ['1.2.156.3088'] }) }],
    [
      'with a prefix below that of another party',
      { parties: partiesWith({ code_prefixes: ['1.2.156.3088.1'] }) },
    ],
    ['with a prefix above that of another party', { parties: partiesWith({ code_prefixes: ['1.2.156'] }) }],
    [
      'with overlapping prefixes of one party',
      { parties: partiesWith({ code_prefixes: ['1.2.9', '1.2.9.1'] }) },
    ],
    ['with a prefix that is none', { parties: partiesWith({ code_prefixes: ['agent.example'] }) }],
    ["with another party's key", { parties: partiesWith({ jwks_thumbprints: [a.kid] }) }],
    ['with a key for two purposes', { parties: partiesWith({ root_keys_thumbprints: [b.kid] }) }],
    ['that begin before they are made', { nbf: 99 }],
    ['that end when they begin', { exp: 200, review_by: 200 }],
    ['with a review before they begin', { review_by: 199 }],
    ['with a review after they end', { review_by: 1001 }],
    ['whose name is no urn:uuid', { jti: '01a1d2b4-6c00-7000-8000-000000000900' }],
    ['of version 2 that replace nothing', { version: 2 }],
    ['of version 1 that replace something', { supersedes: { jti: terms.jti, hash: 'A'.repeat(43) } }],
    ['that replace themselves', { version: 2, supersedes: { jti: terms.jti, hash: 'A'.repeat(43) } }],
    ['without a level', { scope: { ...terms.scope, levels: [] } }],
    ['with an algorithm that is not ours', { constraints: { ...terms.constraints, algs: ['RS256'] } }],
  ])('%s', (_, change) => {
    expect(() => agreementPayload({ ...terms, ...change })).toThrow('refusing to propose an agreement')
  })

  test('of sixteen parties are not refused', () => {
    const parties = Array.from({ length: 16 }, (_, i) => ({
      ...party(`https://p${i}.example`, `1.2.${i}`, []),
      jwks_thumbprints: [String(i).padStart(43, 'k')],
      root_keys_thumbprints: [String(i).padStart(43, 'r')],
    }))
    const read = readAgreementPayload(agreementPayload({ ...terms, parties }))
    expect(read.kind === 'shaped' && read.claims.parties.length).toBe(16)
  })

  test('and a second version that names the first is not', () => {
    const second = {
      ...terms,
      jti: 'urn:uuid:01a1d2b4-6c00-7000-8000-000000000901',
      version: 2,
      supersedes: { jti: terms.jti, hash: 'A'.repeat(43) },
    }
    expect(RecognitionAgreement.safeParse(second).success).toBe(true)
    expect(agreementPayload(second)).toMatch(/^[\w-]+$/)
  })
})
