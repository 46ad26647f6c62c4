import { parseProviderNumber, formatSegment, CodeSyntaxError } from '@arc3088/codec'
import { EntityId, MEDIA_TYPE, signRegistryRequest, type RegistryRequest } from '@arc3088/records'

import { defineCommand, noArguments, required } from '../command.ts'
import { UsageError } from '../failure.ts'
import { readSigner } from '../keys/key-files.ts'
import { publicRootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'
import { newRequestId, readRequestId } from './request-id.ts'

const PATH = '/v1/provider-applications'
const LIFETIME_SECONDS = 300

/**
 * `provider apply`: asks a root for a provider code, signed with the applicant's federation key (wire-format W11). The
 * same `--request-id` is the same application, however often it is sent.
 */
export const apply = defineCommand(
  {
    keys: { type: 'string' },
    'entity-id': { type: 'string' },
    root: { type: 'string' },
    name: { type: 'string' },
    'name-en': { type: 'string' },
    country: { type: 'string' },
    contact: { type: 'string' },
    'wished-code': { type: 'string' },
    'request-id': { type: 'string' },
  },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const root = originOf(required(values.root, 'root'), 'root')
    const entityId = originOf(required(values['entity-id'], 'entity-id'), 'entity-id')
    const signer = await readSigner(required(values.keys, 'keys'), 'federation')
    const wished = values['wished-code']
    const nameEn = values['name-en']
    const iat = Math.floor(terminal.now().getTime() / 1000)
    const request: RegistryRequest = {
      iss: entityId,
      sub: entityId,
      aud: root,
      iat,
      exp: iat + LIFETIME_SECONDS,
      jti: readRequestId(values['request-id']) ?? newRequestId(terminal.now()),
      method: 'POST',
      path: PATH,
      body: {
        organization: {
          name: required(values.name, 'name'),
          ...(nameEn === undefined ? {} : { name_en: nameEn }),
          country: required(values.country, 'country'),
        },
        contact: required(values.contact, 'contact'),
        jwks: { keys: [{ ...signer.publicJwk }] },
        ...(wished === undefined ? {} : { wished_code: canonicalProviderCode(wished) }),
      },
    }
    const signed = await signRegistryRequest(signer, request)
    const asking = publicRootAt({ url: root }, terminal).POST(PATH, {
      headers: { 'content-type': MEDIA_TYPE.registryRequest },
      // A JWS, which the contract does not describe: nothing of it is JSON.
      body: signed as never,
      bodySerializer: () => signed,
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)

function originOf(text: string, option: string): string {
  if (EntityId.safeParse(text).success) return text
  throw new UsageError(`--${option}: an origin, as https://root.example`)
}

function canonicalProviderCode(text: string): string {
  try {
    return formatSegment(parseProviderNumber(text))
  } catch (error) {
    if (error instanceof CodeSyntaxError) throw new UsageError(`--wished-code: ${error.message}`)
    throw error
  }
}
