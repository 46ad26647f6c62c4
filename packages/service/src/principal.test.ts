import { describe, expect, test } from 'vitest'

import { hashTokenSecret, mintApiToken } from './api-token.ts'
import {
  ANYONE,
  createAuthenticator,
  TOKEN_CACHE_SECONDS,
  type Principal,
  type TokenHolder,
} from './principal.ts'

const ANN: Principal = { kind: 'operator', id: 'ann', roles: ['officer'] }
const token = mintApiToken((length) => new Uint8Array(length).fill(7))
const bearer = `Bearer ${token.text}`

/** A table of tokens with a clock, and a count of how often it was asked. */
function createDesk(start = 1_000_000_000) {
  const holders = new Map<string, TokenHolder>()
  const desk = {
    at: start,
    asked: 0,
    whileAsked: () => Promise.resolve(),
    holders,
    give: (more: Partial<TokenHolder> = {}) =>
      holders.set(token.id, {
        secretHash: hashTokenSecret(token.secret),
        expiresAt: null,
        principal: ANN,
        ...more,
      }),
  }
  const authenticate = createAuthenticator(
    async (id) => {
      desk.asked += 1
      const found = holders.get(id)
      await desk.whileAsked()
      return found
    },
    () => new Date(desk.at),
  )
  return { desk, authenticate }
}

const refused = { code: 'unauthenticated' }

describe('a bearer', () => {
  test('without a header is anyone, and nobody is asked', async () => {
    const { desk, authenticate } = createDesk()
    expect(await authenticate(undefined)).toBe(ANYONE)
    expect(desk.asked).toBe(0)
  })

  test.each([
    ['Bearer', bearer],
    ['bearer', bearer.replace('B', 'b')],
    ['BEARER', bearer.replace('Bearer', 'BEARER')],
  ])('may write the scheme as %s', async (_, header) => {
    const { desk, authenticate } = createDesk()
    desk.give()
    expect(await authenticate(header)).toEqual(ANN)
  })

  test.each([
    ['another scheme', `Basic ${token.text}`],
    ['no scheme', token.text],
    ['no token', 'Bearer '],
    ['something after the token', `${bearer} and more`],
    ['two tokens', `${bearer}, ${bearer}`],
    ['a token in quotes', `Bearer "${token.text}"`],
    ['an empty header', ''],
  ])('with %s is refused without asking the database', async (_, header) => {
    const { desk, authenticate } = createDesk()
    desk.give()
    await expect(authenticate(header)).rejects.toMatchObject(refused)
    expect(desk.asked).toBe(0)
  })

  test('with a wrong secret and a known id is refused, also while the id is cached', async () => {
    const { desk, authenticate } = createDesk()
    desk.give()
    const forged = `Bearer arc3088_${token.id}_${'A'.repeat(43)}`
    await expect(authenticate(forged)).rejects.toMatchObject(refused)
    expect(await authenticate(bearer)).toEqual(ANN)
    await expect(authenticate(forged)).rejects.toMatchObject(refused)
    expect(await authenticate(bearer)).toEqual(ANN)
  })

  test('learns the same of an unknown id and a wrong secret', async () => {
    const { desk, authenticate } = createDesk()
    const unknown = await authenticate(bearer).catch((error: unknown) => error)
    desk.give({ secretHash: hashTokenSecret('other') })
    const wrong = await authenticate(bearer).catch((error: unknown) => error)
    expect(unknown).toEqual(wrong)
  })
})

describe('an expired token', () => {
  test('is refused from its very instant, also while it is cached', async () => {
    const { desk, authenticate } = createDesk()
    desk.give({ expiresAt: new Date(desk.at + 2000) })
    desk.at += 1999
    expect(await authenticate(bearer)).toEqual(ANN)
    desk.at += 1
    await expect(authenticate(bearer)).rejects.toMatchObject(refused)
    expect(desk.asked).toBe(1)
  })
})

describe('the cache of tokens', () => {
  test('asks once in its time, by the node’s own clock', async () => {
    const { desk, authenticate } = createDesk()
    desk.give()
    await authenticate(bearer)
    desk.at += TOKEN_CACHE_SECONDS * 1000
    await authenticate(bearer)
    expect(desk.asked).toBe(1)
    desk.at += 1
    await authenticate(bearer)
    expect(desk.asked).toBe(2)
  })

  test('lets a revoked token work for its time and no longer', async () => {
    const { desk, authenticate } = createDesk()
    desk.give()
    await authenticate(bearer)
    desk.holders.clear()
    expect(await authenticate(bearer)).toEqual(ANN)
    desk.at += TOKEN_CACHE_SECONDS * 1000 + 1
    await expect(authenticate(bearer)).rejects.toMatchObject(refused)
  })

  test('counts its time from the question, since a token may be revoked while the answer is on its way', async () => {
    const { desk, authenticate } = createDesk()
    desk.give()
    desk.whileAsked = async () => {
      desk.holders.clear()
      desk.at += 4000
    }
    expect(await authenticate(bearer)).toEqual(ANN)
    desk.whileAsked = () => Promise.resolve()
    desk.at += 1001
    await expect(authenticate(bearer)).rejects.toMatchObject(refused)
  })

  test('is not prolonged by use', async () => {
    const { desk, authenticate } = createDesk()
    desk.give()
    await authenticate(bearer)
    desk.holders.clear()
    for (let second = 0; second < TOKEN_CACHE_SECONDS; second++) {
      desk.at += 1000
      expect(await authenticate(bearer)).toEqual(ANN)
    }
    desk.at += 1
    await expect(authenticate(bearer)).rejects.toMatchObject(refused)
  })

  test('forgets on demand: what was just revoked stops working at once', async () => {
    const { desk, authenticate } = createDesk()
    desk.give()
    await authenticate(bearer)
    desk.holders.clear()
    expect(await authenticate(bearer)).toEqual(ANN)
    authenticate.forget()
    await expect(authenticate(bearer)).rejects.toMatchObject(refused)
  })

  test('notes a use once a lookup, and none for a wrong secret or an expired token', async () => {
    const { desk, authenticate } = createDesk()
    let noted = 0
    const noteUse = async () => void (noted += 1)
    desk.give({ noteUse, secretHash: hashTokenSecret('other') })
    await expect(authenticate(bearer)).rejects.toMatchObject(refused)
    desk.give({ noteUse, expiresAt: new Date(desk.at) })
    await expect(authenticate(bearer)).rejects.toMatchObject(refused)
    expect(noted).toBe(0)
    desk.give({ noteUse })
    await authenticate(bearer)
    await authenticate(bearer)
    expect(noted).toBe(1)
  })

  test('keeps no unknown id: a new token works at once', async () => {
    const { desk, authenticate } = createDesk()
    await expect(authenticate(bearer)).rejects.toMatchObject(refused)
    desk.give()
    expect(await authenticate(bearer)).toEqual(ANN)
  })

  test('keeps no wrong secret and no provisional principal', async () => {
    const { desk, authenticate } = createDesk()
    desk.give({ secretHash: hashTokenSecret('other') })
    await expect(authenticate(bearer)).rejects.toMatchObject(refused)
    desk.give({ principal: { ...ANN, provisional: true } })
    await authenticate(bearer)
    desk.give()
    await authenticate(bearer)
    expect(desk.asked).toBe(3)
  })
})
