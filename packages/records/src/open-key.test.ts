import { describe, expect, test } from 'vitest'

import * as inBrowsers from './open-key.browser.ts'
import * as underNode from './open-key.node.ts'
import { digestText as digestInBrowsers } from './sha256.browser.ts'
import { digestText as digestUnderNode } from './sha256.node.ts'
import type { KeyMaterial, SignatureAlg } from './signature-check.ts'
import { createMemorySigner, generateSigningKey } from './signer.ts'

const ways = [inBrowsers.openKey, underNode.openKey]
const SIGNED = new TextEncoder().encode('header.payload')

async function signedBy(alg: SignatureAlg) {
  const { privateJwk } = await generateSigningKey(alg)
  const signer = await createMemorySigner({ alg, privateJwk })
  const { kty, crv, x, y } = signer.publicJwk
  const material: KeyMaterial = { kty, crv, x, ...(y === undefined ? {} : { y }) }
  return { material, signature: new Uint8Array(await signer.sign(SIGNED)) }
}

/** What each way says of a signature. */
async function saidOf(
  material: KeyMaterial,
  alg: SignatureAlg,
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer> = SIGNED,
): Promise<boolean[]> {
  const checks = await Promise.all(ways.map(async (openKey) => await openKey(material, alg)))
  return await Promise.all(checks.map(async (check) => await check(signature, signed)))
}

describe.each(['ES256', 'Ed25519'] as const)(
  'a signature by %s is the same in browsers and under Node',
  (alg) => {
    test('good where it is by the key, over these bytes, and nowhere else', async () => {
      const { material, signature } = await signedBy(alg)
      const other = await signedBy(alg)
      expect(await saidOf(material, alg, signature)).toEqual([true, true])
      expect(await saidOf(material, alg, other.signature)).toEqual([false, false])
      expect(await saidOf(material, alg, signature, SIGNED.slice(1))).toEqual([false, false])
      for (const at of [0, 31, 32, 63]) {
        const changed = signature.map((byte, nth) => (nth === at ? byte ^ 1 : byte))
        expect([at, ...(await saidOf(material, alg, changed))]).toEqual([at, false, false])
      }
    })

    test.each([0, 1, 63, 65, 72])('of %i bytes is none', async (length) => {
      const { material, signature } = await signedBy(alg)
      const bytes = new Uint8Array(length)
      bytes.set(signature.subarray(0, length))
      expect(await saidOf(material, alg, bytes)).toEqual([false, false])
    })

    test.each([0x00, 0xff])('of nothing but %i is none', async (byte) => {
      const { material } = await signedBy(alg)
      expect(await saidOf(material, alg, new Uint8Array(64).fill(byte))).toEqual([false, false])
    })
  },
)

test('a point that is not on the curve is a key for neither', async () => {
  const { material } = await signedBy('ES256')
  const off = { ...material, y: material.x }
  const opened = await Promise.allSettled(ways.map(async (openKey) => await openKey(off, 'ES256')))
  expect(opened.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test.each(['', 'abc', '智能体'.repeat(1000), '\u0000', '😀'])(
  'the digest of %j is the same for both',
  async (text) => {
    expect(await digestInBrowsers(text)).toBe(await digestUnderNode(text))
  },
)
