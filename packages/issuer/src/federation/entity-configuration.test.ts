import {
  createMemorySigner,
  generateSigningKey,
  readEntityConfiguration,
  type CompactJws,
} from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import { expect, test } from 'vitest'

import { createSelfDescription } from './entity-configuration.route.ts'

const ENTITY = 'https://p1.example'
const key = await generateSigningKey('ES256')
const other = await generateSigningKey('ES256')
const signer = await createMemorySigner({ alg: 'ES256', privateJwk: key.privateJwk })
const successor = await createMemorySigner({ alg: 'ES256', privateJwk: other.privateJwk })

function configured() {
  let now = Date.UTC(2026, 10, 22)
  const self = { signer, name: 'one' }
  const tell = createSelfDescription(() => ({
    ambient: { ...systemAmbient(), now: () => new Date(now) },
    signer: self.signer,
    entityId: ENTITY,
    describe: () =>
      Promise.resolve({
        jwks: { keys: [self.signer.publicJwk] },
        metadata: { federation_entity: { organization_name: self.name } },
      }),
  }))
  return { self, tell, pass: (seconds: number) => (now += seconds * 1000) }
}

const nameIn = (jws: CompactJws) => {
  const read = readEntityConfiguration(jws)
  return read.kind === 'read' ? read.claims.metadata.federation_entity?.organization_name : undefined
}

test('is signed once for all who ask within five minutes, and again after that', async () => {
  const { tell, pass } = configured()
  const [first, second] = await Promise.all([tell(), tell()])
  pass(299)
  expect([second, await tell()]).toEqual([first, first])
  pass(2)
  await expect.poll(tell).not.toBe(first)
})

test('is signed again at once where it has something else to say, or another key says it', async () => {
  const { self, tell } = configured()
  const first = await tell()
  self.name = 'two'
  const second = await tell()
  expect([nameIn(first), nameIn(second)]).toEqual(['one', 'two'])
  self.signer = successor
  const third = readEntityConfiguration(await tell())
  expect(third).toMatchObject({ kind: 'read', kid: successor.kid })
})
