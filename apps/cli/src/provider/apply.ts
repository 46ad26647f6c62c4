import { MEDIA_TYPE, type RegistryRequest } from '@arc3088/records'

import { defineCommand, noArguments } from '../command.ts'
import { publicRootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'
import { APPLICANT_OPTIONS, asSent, readApplicant, signForRoot } from './applicants-request.ts'
import { CONTENT_OPTIONS, readContent } from './application-content.ts'

const PATH = '/v1/provider-applications'

/**
 * `provider apply`: asks a root for a provider code, signed with the applicant's federation key (wire-format W11). The
 * same `--request-id` is the same application, however often it is sent.
 */
export const apply = defineCommand(
  { ...APPLICANT_OPTIONS, ...CONTENT_OPTIONS, 'request-id': { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const applicant = await readApplicant(values)
    const content = readContent(values)
    const body = {
      ...content,
      jwks: { keys: [{ ...applicant.signer.publicJwk }] },
    } as RegistryRequest['body']
    const requestId = values['request-id']
    const signed = await signForRoot(applicant, terminal, { path: PATH, body, requestId })
    const asking = publicRootAt({ url: applicant.root }, terminal).POST(PATH, {
      headers: { 'content-type': MEDIA_TYPE.registryRequest },
      ...asSent(signed),
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)
