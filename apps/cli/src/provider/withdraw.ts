import { MEDIA_TYPE } from '@arc3088/records'

import { defineCommand, noArguments, required } from '../command.ts'
import { publicRootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'
import { APPLICANT_OPTIONS, asSent, readApplicant, signForRoot } from './applicants-request.ts'
import { pathOf } from './own-application.ts'

/** `provider withdraw`: takes an application back; whatever officers were asked about it is void from then on. */
export const withdraw = defineCommand(
  {
    ...APPLICANT_OPTIONS,
    application: { type: 'string' },
    reason: { type: 'string' },
    'request-id': { type: 'string' },
  },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const id = required(values.application, 'application')
    const applicant = await readApplicant(values)
    const body = values.reason === undefined ? {} : { reason: values.reason }
    const requestId = values['request-id']
    const signed = await signForRoot(applicant, terminal, { path: pathOf(id, 'withdraw'), body, requestId })
    const asking = publicRootAt({ url: applicant.root }, terminal).POST(
      '/v1/provider-applications/{id}/withdraw',
      {
        params: { path: { id } },
        headers: { 'content-type': MEDIA_TYPE.registryRequest },
        ...asSent(signed),
      },
    )
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)
