import { expect, test } from 'vitest'

import { readEcPoint } from './ec-point.ts'

const P256 = Uint8Array.of(4, ...Array.from({ length: 64 }, (_, nth) => nth))
const ED = Uint8Array.from({ length: 32 }, (_, nth) => nth)

test('reads a point of P-256, wrapped as the standard says or bare as some tokens do', () => {
  const point = { kty: 'EC', crv: 'P-256', x: P256.subarray(1, 33), y: P256.subarray(33) }
  expect(readEcPoint('ES256', Uint8Array.of(4, 65, ...P256))).toEqual(point)
  expect(readEcPoint('ES256', P256)).toEqual(point)
})

test('reads a point of Ed25519 either way', () => {
  const point = { kty: 'OKP', crv: 'Ed25519', x: ED }
  expect(readEcPoint('Ed25519', Uint8Array.of(4, 32, ...ED))).toEqual(point)
  expect(readEcPoint('Ed25519', ED)).toEqual(point)
})

test.each([
  ['a compressed point', 'ES256', Uint8Array.of(2, ...P256.subarray(1))],
  ['a point of the other curve', 'ES256', ED],
  ['a point cut short', 'Ed25519', ED.subarray(1)],
  ['nothing', 'Ed25519', new Uint8Array()],
] as const)('reads no key from %s', (_, alg, bytes) => {
  expect(readEcPoint(alg, bytes)).toBeUndefined()
})
