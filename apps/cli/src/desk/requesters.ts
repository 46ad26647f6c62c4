import { defineCommand, noArguments, onlyArgument, required } from '../command.ts'
import { NODE_OPTIONS, providerAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeItems, writeObject } from '../node/node-answer.ts'
import { KEY_OPTION, keyHeader, oneOf, PAGE_OPTIONS, pageOf, REASON_OPTION } from '../node/options.ts'

const STATES = ['applied', 'active'] as const
const SHOWN = ['id', 'state', 'code', 'kind', 'name', 'country'] as const

/** `desk requesters list`: requesters and applicants of a provider. */
export const list = defineCommand({ ...NODE_OPTIONS, ...PAGE_OPTIONS }, async (given, terminal) => {
  noArguments(given.positionals)
  const { values } = given
  const state = oneOf(values.state, STATES, 'state')
  const query = { ...pageOf(values), ...(state === undefined ? {} : { state }) }
  const { items } = await answerOf(
    providerAt(values, terminal).GET('/v1/desk/requesters', { params: { query } }),
  )
  return await writeItems(items, SHOWN, { json: values.json, terminal })
})

/** `desk requesters verify`: notes that an applicant was verified, and assigns its requester code. */
export const verify = defineCommand(
  { ...NODE_OPTIONS, ...REASON_OPTION, ...KEY_OPTION, code: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const path = { id: onlyArgument(positionals, 'requester') }
    const { code } = values
    const asking = providerAt(values, terminal).POST('/v1/desk/requesters/{id}/verify', {
      params: { path, header: keyHeader(values) },
      body: { ...(code === undefined ? {} : { code }), reason: required(values.reason, 'reason') },
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)
