import {
  createMemorySigner,
  generateSigningKey,
  packStatusList,
  signStatusListToken,
  STATUS_BITS,
} from '@arc3088/records'
import { expect, test } from 'vitest'

import { oneTokenAList } from './one-token-a-list.ts'

test('keeps the later of two tokens for one list, and every other', async () => {
  const { privateJwk } = await generateSigningKey('ES256')
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
  const lst = await packStatusList([])
  const sign = (list: number, iat: number) =>
    signStatusListToken(signer, {
      sub: `https://root.example/status/${list}`,
      iat,
      exp: iat + 3600,
      status_list: { bits: STATUS_BITS, lst },
    })
  const [before, other, after] = [await sign(0, 100), await sign(1, 100), await sign(0, 101)]
  expect(oneTokenAList([before, other, after])).toEqual([after, other])
})

test('refuses what is no token: nobody could use such a bundle', () => {
  expect(() => oneTokenAList(['x'])).toThrow('not one')
})
