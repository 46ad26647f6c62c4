import { createMemorySigner, generateSigningKey } from '@arc3088/records'
import { appendSignature, cosignCheckpoint, type NoteSigner } from '@arc3088/tlog'
import { expect, test } from 'vitest'

import { createCosigner } from '../witness/log-identity.ts'
import { countCosigners, hasCosigned } from './cosigners.ts'

const BODY = `root.example/tlog\n1\n${Buffer.alloc(32).toString('base64')}\n`
const OWN = `${BODY}\n— root.example/tlog ${Buffer.alloc(68, 1).toString('base64')}\n`

async function cosigner(name: string): Promise<NoteSigner> {
  const { privateJwk } = await generateSigningKey('Ed25519')
  return createCosigner(`https://${name}.example`, await createMemorySigner({ alg: 'Ed25519', privateJwk }))
}

async function noteBy(...signers: readonly NoteSigner[]): Promise<string> {
  const lines = await Promise.all(signers.map((signer) => cosignCheckpoint(BODY, signer, 1_790_000_000)))
  return lines.reduce(appendSignature, OWN)
}

const at = ({ vkey }: NoteSigner, host: string) => ({ vkey, url: `https://${host}.example/` })

test('counts those that have a line, and no stranger', async () => {
  const [p1, p2, p3] = [await cosigner('p1'), await cosigner('p2'), await cosigner('p3')]
  const note = await noteBy(p1, p3)
  expect(countCosigners(note, [at(p1, 'p1'), at(p2, 'p2')])).toBe(1)
  expect(countCosigners(note, [at(p1, 'p1'), at(p2, 'p2'), at(p3, 'p3')])).toBe(2)
  expect(countCosigners(OWN, [at(p1, 'p1')])).toBe(0)
})

test('counts a witness once, under two keys of one name or two names of one key', async () => {
  const [old, next] = [await cosigner('p1'), await cosigner('p1')]
  expect(countCosigners(await noteBy(old, next), [at(old, 'p1'), at(next, 'p1')])).toBe(1)
  expect(countCosigners(await noteBy(old), [at(old, 'p1'), at(old, 'alias')])).toBe(1)
})

test('a line by another key of the same name is not a line of the witness', async () => {
  const [old, next] = [await cosigner('p1'), await cosigner('p1')]
  const note = await noteBy(old)
  expect(countCosigners(note, [at(next, 'p1')])).toBe(0)
  expect(hasCosigned(note, at(next, 'p1'))).toBe(false)
  expect(hasCosigned(note, { ...at(next, 'p1'), otherVkeys: [old.vkey] })).toBe(true)
})

test('nothing is counted of what is no note, nor of what is no key', () => {
  expect(countCosigners('no note', [{ vkey: 'none', url: 'https://p1.example/' }])).toBe(0)
  expect(countCosigners(OWN, [{ vkey: 'none', url: 'https://p1.example/' }])).toBe(0)
})
