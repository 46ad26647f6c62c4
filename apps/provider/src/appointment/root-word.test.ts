import {
  createMemorySigner,
  generateSigningKey,
  packStatusList,
  signEntityConfiguration,
  signStatusListToken,
  signSubordinateStatement,
  STATUS_BITS,
  type Signer,
} from '@arc3088/records'
import { beforeAll, expect, test } from 'vitest'

import { chainDueAt, statesFederationKeys, tokensDueAt, type RootWord } from './root-word.ts'

const ROOT = 'https://root.example'
const DAY = 86_400
let signer: Signer
beforeAll(async () => {
  const { privateJwk } = await generateSigningKey('ES256')
  signer = await createMemorySigner({ alg: 'ES256', privateJwk })
})

async function word(times: {
  statement: { iat: number; exp: number }
  configuration: { iat: number; exp: number }
  tokens: { iat: number; ttl?: number }[]
}): Promise<RootWord> {
  const jwks = { keys: [signer.publicJwk] }
  const lst = await packStatusList([])
  return {
    record: '',
    own_configuration: '',
    statement: await signSubordinateStatement(signer, {
      iss: ROOT,
      sub: 'https://p1.example',
      ...times.statement,
      jwks,
      metadata: {
        agent_code_provider: {
          provider_code: '1',
          code_prefix: '1.2.156.3088.1.1',
          territory: 'CN',
          kind: 'domestic',
          state: 'active',
        },
      },
      constraints: { max_path_length: 0, allowed_entity_types: ['agent_code_provider'] },
      status: { status_list: { uri: `${ROOT}/status/0`, idx: 0 } },
    }),
    root_configuration: await signEntityConfiguration(signer, {
      iss: ROOT,
      sub: ROOT,
      ...times.configuration,
      jwks,
      metadata: {},
    }),
    root_keys: [],
    status_list_tokens: await Promise.all(
      times.tokens.map((token, nth) =>
        signStatusListToken(signer, {
          sub: `${ROOT}/status/${nth}`,
          exp: token.iat + 3600,
          ...token,
          status_list: { bits: STATUS_BITS, lst },
        }),
      ),
    ),
  }
}

test('asks again for the chain every five minutes, or when its statement is half expired', async () => {
  const week = { iat: 1000, exp: 1000 + 7 * DAY }
  const tokens = [{ iat: 1000 }]
  const configuration = { iat: 2000, exp: 2000 + DAY }
  expect(chainDueAt(await word({ statement: week, configuration, tokens }))).toBe(2000 + 300)
  const brief = { iat: 2000, exp: 2200 }
  expect(chainDueAt(await word({ statement: brief, configuration, tokens }))).toBe(2000 + 100)
})

test('asks again for status after the shortest ttl, or five minutes where the root gives none', async () => {
  const chain = { statement: { iat: 0, exp: DAY }, configuration: { iat: 0, exp: DAY } }
  const tokens = [
    { iat: 1000, ttl: 60 },
    { iat: 1010, ttl: 60 },
  ]
  expect(tokensDueAt(await word({ ...chain, tokens }))).toBe(1060)
  expect(tokensDueAt(await word({ ...chain, tokens: [{ iat: 1000 }] }))).toBe(1300)
})

test('a statement that does not name every federation key the provider publishes is asked for again', async () => {
  const { privateJwk } = await generateSigningKey('ES256')
  const next = await createMemorySigner({ alg: 'ES256', privateJwk })
  const times = { iat: 0, exp: DAY }
  const stated = await word({ statement: times, configuration: times, tokens: [] })
  const own = async (...signers: Signer[]) =>
    await signEntityConfiguration(signer, {
      iss: 'https://p1.example',
      sub: 'https://p1.example',
      ...times,
      jwks: { keys: signers.map(({ publicJwk }) => publicJwk) },
      metadata: {},
    })
  expect(statesFederationKeys(stated, await own(signer))).toBe(true)
  expect(statesFederationKeys(stated, await own(signer, next))).toBe(false)
})
