import { ConfigError } from '@arc3088/service'
import { describe, expect, test } from 'vitest'

import { readTokenSettings } from './token-driver.ts'

const ALL = { PKCS11_MODULE: '/lib/p11.so', PKCS11_TOKEN_LABEL: 'node', PKCS11_PIN_FILE: '/run/pin' }

describe('a token', () => {
  test('is named by three variables, or by none', () => {
    expect(readTokenSettings(ALL)).toEqual({
      modulePath: '/lib/p11.so',
      tokenLabel: 'node',
      pinFile: '/run/pin',
    })
    expect(readTokenSettings({})).toBeUndefined()
  })

  test.each(Object.keys(ALL))('is a fault of the configuration without %s, which is named', (missing) => {
    const some = { ...ALL, [missing]: undefined }
    expect(() => readTokenSettings(some)).toThrow(ConfigError)
    expect(() => readTokenSettings(some)).toThrow(`${missing}: is missing`)
  })
})
