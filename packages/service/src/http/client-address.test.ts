import { describe, expect, test } from 'vitest'

import { clientAddress, isOwnMachine, networkOf, readTrustedProxies } from './client-address.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  [undefined, 'unknown'],
  ['', 'unknown'],
])('counts %s as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['192.0.2.7', false],
  ['2001:db8::1', false],
  [undefined, false],
  ['unix', false],
])('%s is this machine: %s', (address, isOwn) => {
  expect(isOwnMachine(address, undefined, () => false)).toBe(isOwn)
})

describe('the address of a client', () => {
  const isTrusted = readTrustedProxies('10.0.0.0/8, 127.0.0.1, 2001:db8:1::/48')

  test.each([
    [
      'of the connection, whatever it claims, where no proxy is between',
      '192.0.2.7',
      '198.51.100.1',
      '192.0.2.7',
    ],
    ['said by a trusted proxy', '10.1.2.3', '192.0.2.7', '192.0.2.7'],
    ['said by one that speaks IPv6', '2001:db8:1::9', '2001:db8:2::7', '2001:db8:2::7'],
    ['said by one whose address is mapped', '::ffff:127.0.0.1', '192.0.2.7', '192.0.2.7'],
    [
      'the last that is no proxy: before it anybody wrote',
      '10.1.2.3',
      '6.6.6.6, 192.0.2.7, 10.9.9.9',
      '192.0.2.7',
    ],
    ['the proxy itself where it says nothing', '10.1.2.3', undefined, '10.1.2.3'],
    ['the proxy itself where all are proxies', '10.1.2.3', '10.4.4.4, 127.0.0.1', '10.1.2.3'],
    ['nobody’s where what it says is no address', '10.1.2.3', 'unknown', undefined],
    ['nobody’s where what it says is more than an address', '127.0.0.1', '192.0.2.7:443', undefined],
  ])('is %s', (_, connection, forwarded, client) => {
    expect(clientAddress(connection, forwarded, isTrusted)).toBe(client)
  })

  test.each([
    ['where nobody is spoken for', undefined, true],
    ['where a trusted proxy on it speaks for somebody', '192.0.2.7', false],
    ['where a trusted proxy on it says no address', '192.0.2.7:443', false],
    ['where a trusted proxy on it names this very machine', '127.0.0.1', false],
  ])('this machine itself asks %s: %s', (_, forwarded, isOwn) => {
    expect(isOwnMachine('127.0.0.1', forwarded, isTrusted)).toBe(isOwn)
    expect(isOwnMachine('127.0.0.1', forwarded, readTrustedProxies(''))).toBe(true)
    expect(isOwnMachine('10.1.2.3', forwarded, isTrusted)).toBe(false)
  })

  test('is the proxy where none is trusted', () => {
    expect(clientAddress('10.1.2.3', '192.0.2.7', readTrustedProxies(''))).toBe('10.1.2.3')
  })
})

test.each(['proxy.example', '10.0.0.0/33', '10.0.0'])('%s is refused as a proxy', (text) => {
  expect(() => readTrustedProxies(text)).toThrow(TypeError)
})
