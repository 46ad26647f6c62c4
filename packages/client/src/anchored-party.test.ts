import { parseSubject } from '@arc3088/codec'
import { expect, test } from 'vitest'

import {
  addressAt,
  anchoredParty,
  codeAddress,
  configurationAddress,
  keySetsAddress,
  statementAddress,
} from './anchored-party.ts'

const root = anchoredParty('https://root.example')
const code = parseSubject('1.2.156.3088.1.1.34C2.478BDF.3GF546')

test.each([
  ['another host', 'https://evil.example/status/1'],
  ['a host that begins like ours', 'https://root.example.evil.example/status/1'],
  ['our host as user name', 'https://root.example@evil.example/status/1'],
  ['credentials for our host', 'https://user:secret@root.example/status/1'],
  ['another port', 'https://root.example:8443/status/1'],
  ['plain http', 'http://root.example/status/1'],
  ['another scheme', 'file:///etc/passwd'],
  ['a scheme without host', 'javascript:alert(1)'],
  ['data', 'data:application/statuslist+jwt,x'],
  ['a relative reference', '/status/1'],
  ['a scheme-relative reference', '//evil.example/status/1'],
  ['backslashes', 'https:\\\\evil.example\\status\\1'],
  ['the cloud’s metadata service', 'http://169.254.169.254/latest/meta-data'],
  ['loopback', 'http://127.0.0.1:3088/status/1'],
  ['nothing', ''],
])('never fetches from %s', (_, uri) => {
  expect(addressAt(root, uri)).toBeUndefined()
})

test('fetches what lies on the party’s own origin, without the fragment', () => {
  expect(addressAt(root, 'https://root.example/status/1?x=2#y')).toBe('https://root.example/status/1?x=2')
  expect(addressAt(root, 'HTTPS://ROOT.EXAMPLE:443/status/1')).toBe('https://root.example/status/1')
})

test('reaches a root at the address its operator gave, and nowhere else', () => {
  const behindProxy = anchoredParty('https://root.example', { reachedAt: 'http://127.0.0.1:9000' })
  expect(addressAt(behindProxy, 'https://root.example/status/1')).toBe('http://127.0.0.1:9000/status/1')
  expect(addressAt(behindProxy, 'http://127.0.0.1:9000/status/1')).toBeUndefined()
})

test('asks the successor for what stood at a predecessor’s address', () => {
  const successor = anchoredParty('https://new.example', { formerEntities: ['https://old.example'] })
  expect(addressAt(successor, 'https://old.example/status/17')).toBe('https://new.example/status/17')
  expect(addressAt(successor, 'https://older.example/status/17')).toBeUndefined()
})

test.each([
  ['none', undefined],
  ['no placeholder', 'https://root.example/v1/codes/'],
  ['two placeholders', 'https://root.example/{code}/{code}'],
  ['another placeholder', 'https://root.example/{host}/{code}'],
  ['an operator', 'https://root.example/v1{/code}'],
  ['the code in the host', 'https://{code}.root.example/v1'],
  ['the code as the host', 'https://{code}/v1'],
  ['the code in the query', 'https://root.example/v1/codes?code={code}'],
  ['the code in the fragment', 'https://root.example/v1/codes#{code}'],
  ['the code removed by dots', 'https://root.example/v1/{code}/../x'],
  ['another origin', 'https://evil.example/v1/codes/{code}'],
])('refuses a code_resolution_uri with %s', (_, template) => {
  expect(codeAddress(root, template, code)).toBeUndefined()
})

test('puts the canonical code into the path', () => {
  expect(codeAddress(root, 'https://root.example/v1/codes/{code}', code)).toBe(
    'https://root.example/v1/codes/1.2.156.3088.1.1.34C2.478BDF.3GF546',
  )
})

test('finds the well-known documents of an entity, with or without a path', () => {
  expect(keySetsAddress(root)).toBe('https://root.example/.well-known/agent-code-root-keys')
  expect(configurationAddress(anchoredParty('https://p.example/tenant/1/'))).toBe(
    'https://p.example/tenant/1/.well-known/openid-federation',
  )
})

test('asks for a statement by the entity identifier, as a parameter', () => {
  const endpoint = 'https://root.example/federation/fetch'
  expect(statementAddress(root, endpoint, 'https://p.example/?a=b&sub=https://evil.example')).toBe(
    'https://root.example/federation/fetch?sub=https%3A%2F%2Fp.example%2F%3Fa%3Db%26sub%3Dhttps%3A%2F%2Fevil.example',
  )
  expect(statementAddress(root, 'https://evil.example/fetch', 'https://p.example')).toBeUndefined()
  expect(statementAddress(root, undefined, 'https://p.example')).toBeUndefined()
})

test('does not take for a party what is no web address', () => {
  expect(() => anchoredParty('ftp://root.example')).toThrow(TypeError)
  expect(() => anchoredParty('https://root.example', { reachedAt: 'root' })).toThrow(TypeError)
})
