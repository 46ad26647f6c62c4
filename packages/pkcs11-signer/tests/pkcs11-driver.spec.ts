import type { KeyDriver } from '@arc3088/issuer'
import { signCompact, verifyKeyEndorsement, signKeyEndorsement, type SignatureAlg } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import { openPkcs11Driver, Pkcs11Fault, type Pkcs11FaultKind } from '../src/index.ts'
import { createSoftToken, IS_BINDING_BUILT, SOFTHSMS } from './softhsm.ts'

async function faultOf(opening: Promise<unknown>): Promise<Pkcs11FaultKind | undefined> {
  const fault = await opening.then(
    () => undefined,
    (error: unknown) => error,
  )
  return fault instanceof Pkcs11Fault ? fault.kind : undefined
}

const NOWHERE = { modulePath: '/nowhere/libpkcs11.so', tokenLabel: 'x', pin: 'x' }

test('a library that is not there is a typed fault, as is a native module that is not built', async () => {
  const kind = IS_BINDING_BUILT ? 'module-missing' : 'binding-missing'
  expect(await faultOf(openPkcs11Driver(NOWHERE))).toBe(kind)
})

/** Where SoftHSM is not installed there is nothing more to hold the driver to. */
describe.each(SOFTHSMS)('with %s', (library) => {
  const token = createSoftToken(library)
  const ALGS: [SignatureAlg, 'issuing' | 'tlog'][] = [
    ['ES256', 'issuing'],
    ['Ed25519', 'tlog'],
  ]

  test.each(ALGS)(
    'a key of %s is made in the token and signs what everybody verifies',
    async (alg, purpose) => {
      const driver = await openPkcs11Driver(token)
      const { ref, publicJwk } = await driver.generate(purpose, alg)
      expect(ref).toBe(`pkcs11:${publicJwk.kid}`)
      const signer = await driver.load(ref)
      const jws = await signKeyEndorsement(signer, {
        iss: 'https://p1.example',
        sub: 'https://p1.example',
        iat: 1,
        jti: '019ab000-0000-7000-8000-000000000001',
        event: 'activate',
        purpose,
        key: publicJwk,
      })
      expect(await verifyKeyEndorsement(jws, [publicJwk])).toMatchObject({
        kind: 'verified',
        kid: publicJwk.kid,
      })
      driver.close()
    },
  )

  test('a key is found again by its purpose, and by nothing else', async () => {
    const driver: KeyDriver & { close(): void } = await openPkcs11Driver(token)
    const { ref } = await driver.generate('status', 'ES256')
    expect((await driver.find('status')).map((key) => key.ref)).toEqual([ref])
    expect(await driver.find('federation')).toEqual([])
    driver.close()
  })

  test('signs many at once, each its own', async () => {
    const driver = await openPkcs11Driver(token)
    const { ref, publicJwk } = await driver.generate('federation', 'ES256')
    const signer = await driver.load(ref)
    const signed = await Promise.all(
      Array.from({ length: 32 }, (_, nth) => signCompact(signer, 'JWT', { nth })),
    )
    const key = await crypto.subtle.importKey(
      'jwk',
      { kty: 'EC', crv: 'P-256', x: publicJwk.x, y: publicJwk.y ?? '' },
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['verify'],
    )
    for (const jws of signed) {
      const end = jws.lastIndexOf('.')
      const signature = new Uint8Array(Buffer.from(jws.slice(end + 1), 'base64url'))
      const input = new TextEncoder().encode(jws.slice(0, end))
      expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, input)).toBe(true)
    }
    driver.close()
  })

  test.each([
    ['token-missing', { tokenLabel: 'another' }],
    ['module-missing', { modulePath: '/nowhere/libpkcs11.so' }],
  ] as const)('says %s', async (kind, change) => {
    expect(await faultOf(openPkcs11Driver({ ...token, ...change }))).toBe(kind)
  })

  test.each(['pkcs11:x', `pkcs11:${'A'.repeat(43)}`, 'file:issuing.jwk.json'])(
    'says key-missing of %s',
    async (ref) => {
      const driver = await openPkcs11Driver(token)
      expect(await faultOf(driver.load(ref))).toBe('key-missing')
      driver.close()
    },
  )

  test('says pin-refused, once every other session is closed', async () => {
    expect(await faultOf(openPkcs11Driver({ ...token, pin: 'wrong' }))).toBe('pin-refused')
  })
})
