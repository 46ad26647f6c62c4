import { describe, expect, test } from 'vitest'

import { negotiate } from './negotiation.ts'

const OFFERED = ['application/json', 'application/jose', 'text/plain'] as const

describe('negotiation', () => {
  test.each([
    ['nothing', undefined, 'application/json'],
    ['an empty header', ' ', 'application/json'],
    ['anything', '*/*', 'application/json'],
    ['one type', 'application/jose', 'application/jose'],
    ['capital letters', 'Application/JOSE', 'application/jose'],
    ['a kind', 'text/*', 'text/plain'],
    ['weights', 'application/json;q=0.4, text/plain;q=0.8, application/jose;q=0.5', 'text/plain'],
    ['a named type before whatever else', '*/*, application/jose', 'application/jose'],
    ['a kind before whatever else', '*/*, text/*', 'text/plain'],
    ['equal wishes in our order', 'text/plain, application/jose', 'application/jose'],
    ['no JSON but anything else', 'application/json;q=0, */*', 'application/jose'],
    ['no application but anything else', 'application/*;q=0, */*', 'text/plain'],
    ['the specific weight, not the general', 'application/*, application/json;q=0.1', 'application/jose'],
    [
      'what a browser sends',
      'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'application/json',
    ],
    ['parameters', 'application/jose; charset=utf-8; q=1', 'application/jose'],
  ])('given %s chooses as RFC 9110 says', (_, accept, chosen) => {
    expect(negotiate(accept, OFFERED)).toBe(chosen)
  })

  test.each(['text/html', 'application/jose;q=0', '*/*;q=0', 'image/*', 'application', 'app/*', ',', ';q=1'])(
    'refuses %s and says what there is',
    (accept) => {
      expect(() => negotiate(accept, OFFERED)).toThrow(
        expect.objectContaining({ code: 'not-acceptable', extra: { offered: OFFERED } }),
      )
    },
  )
})
