import { MEDIA_TYPE, type RegistryRequest } from '@arc3088/records'

import { defineCommand, noArguments, required } from '../command.ts'
import { UsageError } from '../failure.ts'
import { readSigner } from '../keys/key-files.ts'
import { publicRootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'
import { APPLICANT_OPTIONS, asSent, readApplicant, signForRoot } from './applicants-request.ts'
import { CONTENT_OPTIONS, readContent } from './application-content.ts'
import { pathOf, readOwnApplication } from './own-application.ts'

/**
 * `provider complete`: sends an application again that was returned, whole: what it said, with what the options change or
 * add. `--new-keys` names the folder of another federation key that it is to have from now on. A retry under the same
 * `--request-id` must be the same request: it names `--revision`, and `--file` has all of it.
 */
export const complete = defineCommand(
  {
    ...APPLICANT_OPTIONS,
    ...CONTENT_OPTIONS,
    application: { type: 'string' },
    revision: { type: 'string' },
    'new-keys': { type: 'string' },
    'request-id': { type: 'string' },
  },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const id = required(values.application, 'application')
    const revision = readRevision(values.revision)
    const applicant = await readApplicant(values)
    // Whoever names both says all of it, and need not ask; a retry after a change of keys could not.
    const isWhole = values.file !== undefined && revision !== undefined
    const own = isWhole ? undefined : await readOwnApplication(applicant, id, terminal)
    const newKeys = values['new-keys']
    const renewed =
      newKeys === undefined ? undefined : await readSigner(newKeys, 'federation', values['passphrase-file'])
    const body = {
      jwks: { keys: [{ ...applicant.signer.publicJwk }] },
      ...readContent(values, own === undefined ? {} : contentOf(own)),
      ...(renewed === undefined ? {} : { jwks: { keys: [{ ...renewed.publicJwk }] } }),
      revision: revision ?? own?.revision,
    } as RegistryRequest['body']
    const requestId = values['request-id']
    const signed = await signForRoot(applicant, terminal, { path: pathOf(id, 'complete'), body, requestId })
    const asking = publicRootAt({ url: applicant.root }, terminal).POST(
      '/v1/provider-applications/{id}/complete',
      {
        params: { path: { id } },
        headers: { 'content-type': MEDIA_TYPE.registryRequest },
        ...asSent(signed),
      },
    )
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)

/** What it said, without what the root says of it. */
function contentOf(own: Awaited<ReturnType<typeof readOwnApplication>>) {
  const { organization, contact, identifiers, legal_representative, evidence, purposes, scenarios } = own
  const { numbering_plan, wished_code, jwks } = own
  return {
    jwks,
    organization,
    contact,
    identifiers,
    evidence,
    scenarios,
    ...(legal_representative === undefined ? {} : { legal_representative }),
    ...(purposes === undefined ? {} : { purposes }),
    ...(numbering_plan === undefined ? {} : { numbering_plan }),
    ...(wished_code === null ? {} : { wished_code }),
  }
}

function readRevision(text: string | undefined): number | undefined {
  if (text !== undefined && !/^[1-9]\d{0,8}$/.test(text))
    throw new UsageError('--revision: a whole number from 1')
  return text === undefined ? undefined : Number(text)
}
