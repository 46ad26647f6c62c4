import { describe, expect, test } from 'vitest'

import { judgeAddress, judgePlainAddress, judgeUrl } from './address.ts'

const STRICT = { allowLoopbackHttp: false }
const LOCAL = { allowLoopbackHttp: true }
const refused = expect.objectContaining({ code: 'address-refused' })

/** Literal hosts that are not public, however they are written. */
const PRIVATE_HOSTS = [
  '0.0.0.0',
  '0',
  '0.1.2.3',
  '00',
  '0x0',
  '0x00000000',
  '00000000000',
  '4294967295',
  '10.1',
  '10.0x0.1',
  '0xA000001',
  '012.1',
  '0300.0250.1',
  '3232235777',
  '100.100.100.200',
  '169.254.170.2',
  '192.31.196.1',
  '192.52.193.1',
  '192.175.48.1',
  '198.19.255.255',
  '233.252.0.1',
  '239.255.255.250',
  '10.0.0.1',
  '10.255.255.255',
  '0xa.1',
  '012.0.0.1',
  '167772161',
  '100.64.0.1',
  '100.127.255.254',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.0.1',
  '192.168.257',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[::]',
  '[0:0::0.0.0.0]',
  '[::ffff:0:0]',
  '[0:0:0:0:0:ffff:c0a8:0001]',
  '[::ffff:0:7f00:1]',
  '[::ffff:100.64.0.1]',
  '[64:ff9b::7f00:1]',
  '[2001:0:7f00:1::]',
  '[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
  '[2001:2::1]',
  '[2001:10::1]',
  '[2001:20::1]',
  '[2002:7f00:1::1]',
  '[2002:c0a8:101::1]',
  '[fd00:ec2::254]',
  '[fe80::a9fe:a9fe]',
  '[febf::1]',
  '[ff0e::1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:a9fe:a9fe]',
  '[::10.0.0.1]',
  '[::127.0.0.1]',
  '[::8.8.8.8]',
  '[64:ff9b::a00:1]',
  '[64:ff9b::808:808]',
  '[64:ff9b:1::1]',
  '[100::1]',
  '[1000::1]',
  '[2001::1]',
  '[2001:db8::1]',
  '[2002:a00:1::]',
  '[2002:808:808::]',
  '[3fff::1]',
  '[4000::1]',
  '[5f00::1]',
  '[fc00::1]',
  '[fdff::1]',
  '[fe80::1]',
  '[fec0::1]',
  '[ff02::1]',
] as const

/** Loopback in every spelling that a URL parser folds. */
const LOOPBACK_HOSTS = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '0x7f.0.0.0x1',
  '%31%32%37.0.0.1',
  '１２７.0.0.1',
  '127。0。0。1',
  '①②⑦.0.0.1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
] as const

describe('the judge of addresses', () => {
  test.each([
    'https://root.example',
    'https://8.8.8.8',
    'https://[2606:4700::1111]/x?y',
    'https://root.example:8443/',
  ])('lets %s pass', (url) => {
    expect(judgeUrl(url, STRICT).href).toBe(new URL(url).href)
  })

  test.each([...PRIVATE_HOSTS, ...LOOPBACK_HOSTS])('refuses https://%s', (host) => {
    expect(() => judgeUrl(`https://${host}/`, STRICT)).toThrow(refused)
  })

  test.each(PRIVATE_HOSTS)('refuses %s also where loopback is allowed', (host) => {
    expect(() => judgeUrl(`https://${host}/`, LOCAL)).toThrow(refused)
    expect(() => judgeUrl(`http://${host}/`, LOCAL)).toThrow(refused)
  })

  test.each([...LOOPBACK_HOSTS, 'localhost'])(
    'lets http://%s pass only where loopback is allowed',
    (host) => {
      expect(judgeUrl(`http://${host}/`, LOCAL).protocol).toBe('http:')
      expect(() => judgeUrl(`http://${host}/`, STRICT)).toThrow(refused)
    },
  )

  test.each([
    'http://root.example',
    'http://8.8.8.8',
    'http://localhost.example',
    'http://x.localhost',
    'ftp://root.example',
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:1',
    'unix:/run/postgresql',
    'ws://127.0.0.1',
    'https://root.example.',
    'https://localhost.',
    'http://localhost.',
    'https://user@root.example',
    'https://user:secret@root.example',
    'https://:secret@root.example',
    'https://',
    'https://127.0.0.1.1',
    'https://1.2.3.256',
    'https://[::1',
    'https://[fe80::1%25eth0]',
    'https://[fe80::1%eth0]',
    'https://[::1%25lo]',
    'https://127.0.0.1..',
    'https://localhost..',
    'https://root.example%00.evil.example',
    'https://root.example%2f@127.0.0.1',
    'https://root.example@127.0.0.1',
    'https://127.0.0.1:443@root.example',
    'http://root.example@localhost',
    'https://ro ot.example',
    'https://root.example:99999',
    'https://root.example:22',
    'https://root.example:25',
    'https://root.example:0',
    'http://127.0.0.1:25',
    'https://[2606:4700::1111]:53',
    'gopher://127.0.0.1:6379/',
    'blob:https://root.example/x',
    'root.example',
    '//root.example',
    '',
  ])('refuses %j under any policy', (url) => {
    expect(() => judgeUrl(url, STRICT)).toThrow(refused)
    expect(() => judgeUrl(url, LOCAL)).toThrow(refused)
  })

  test('judges the host that is connected to, whatever stands behind it', () => {
    expect(judgeUrl('https://root.example\\@127.0.0.1/', STRICT).hostname).toBe('root.example')
    expect(judgeUrl('https://root.example/@127.0.0.1#@10.0.0.1', STRICT).hostname).toBe('root.example')
    expect(judgeUrl('https://rооt.example', STRICT).hostname).toMatch(/^xn--/)
  })

  test('never repeats a password, and never much of a text', () => {
    const told = (url: string) => {
      try {
        judgeUrl(url, STRICT)
        return ''
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
    }
    expect(told('https://user:hunter2@root.example/hunter2')).not.toContain('hunter2')
    expect(told('x'.repeat(5000)).length).toBeLessThan(200)
  })
})

describe('the judge of resolved addresses', () => {
  test.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('lets %s pass', (address) => {
    expect(() => judgeAddress(address, STRICT)).not.toThrow()
  })

  test.each(['127.0.0.1', '::1', 'fe80::1%eth0', '10.0.0.1', '', 'nonsense', '1.2.3.4.5'])(
    'refuses %j',
    (address) => {
      expect(() => judgeAddress(address, STRICT)).toThrow(refused)
    },
  )

  test('lets plain http reach loopback alone, and only where it is allowed', () => {
    expect(() => judgePlainAddress('127.0.0.1', LOCAL)).not.toThrow()
    expect(() => judgePlainAddress('127.0.0.1', STRICT)).toThrow(refused)
    expect(() => judgePlainAddress('8.8.8.8', LOCAL)).toThrow(refused)
  })
})
