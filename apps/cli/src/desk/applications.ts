import { defineCommand, noArguments, onlyArgument, required } from '../command.ts'
import { NODE_OPTIONS, rootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeItems, writeObject } from '../node/node-answer.ts'
import { OFFICER_KEY_OPTION, signOwn } from './proposals.ts'
import { oneOf, PAGE_OPTIONS, pageOf, REASON_OPTION } from '../node/options.ts'

const STATES = ['applied', 'under-review', 'approved'] as const
const SHOWN = ['id', 'state', 'entity_id', 'kind', 'wished_code', 'applied_at'] as const

/** `desk applications list`: who wants to become a provider. */
export const list = defineCommand({ ...NODE_OPTIONS, ...PAGE_OPTIONS }, async (given, terminal) => {
  noArguments(given.positionals)
  const { values } = given
  const state = oneOf(values.state, STATES, 'state')
  const query = { ...pageOf(values), ...(state === undefined ? {} : { state }) }
  const { items } = await answerOf(
    rootAt(values, terminal).GET('/v1/desk/applications', { params: { query } }),
  )
  return await writeItems(items, SHOWN, { json: values.json, terminal })
})

/** `desk applications take`: takes one up; the root now looks at what the applicant publishes. */
export const take = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  const path = { id: onlyArgument(positionals, 'application') }
  const asking = rootAt(values, terminal).POST('/v1/desk/applications/{id}/take', { params: { path } })
  return await writeObject(await answerOf(asking), values.json, terminal)
})

/** `desk applications propose`: proposes to assign a provider code, which another officer decides. */
export const propose = defineCommand(
  { ...NODE_OPTIONS, ...REASON_OPTION, ...OFFICER_KEY_OPTION, code: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const path = { id: onlyArgument(positionals, 'application') }
    const body = { code: values.code ?? null, reason: required(values.reason, 'reason') }
    const asking = rootAt(values, terminal).POST('/v1/desk/applications/{id}/propose-approval', {
      params: { path },
      body,
    })
    const proposal = await signOwn(await answerOf(asking), values, terminal)
    return await writeObject(proposal, values.json, terminal)
  },
)
