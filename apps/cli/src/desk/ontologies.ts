import { defineCommand, noArguments, onlyArgument, required } from '../command.ts'
import { NODE_OPTIONS, providerAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeItems, writeObject } from '../node/node-answer.ts'
import { KEY_OPTION, keyHeader, oneOf, PAGE_OPTIONS, pageOf, REASON_OPTION } from '../node/options.ts'

const STATES = ['submitted', 'under-review', 'returned', 'rejected', 'approved'] as const
const SHOWN = ['id', 'review', 'code', 'requester', 'description'] as const

/** `desk ontologies list`: what requesters handed in. */
export const list = defineCommand({ ...NODE_OPTIONS, ...PAGE_OPTIONS }, async (given, terminal) => {
  noArguments(given.positionals)
  const { values } = given
  const review = oneOf(values.state, STATES, 'state')
  const query = { ...pageOf(values), ...(review === undefined ? {} : { review }) }
  const { items } = await answerOf(
    providerAt(values, terminal).GET('/v1/desk/ontologies', { params: { query } }),
  )
  return await writeItems(items, SHOWN, { json: values.json, terminal })
})

/** `desk ontologies take`: takes one up for review. */
export const take = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  const path = { id: onlyArgument(positionals, 'ontology') }
  const asking = providerAt(values, terminal).POST('/v1/desk/ontologies/{id}/take', { params: { path } })
  return await writeObject(await answerOf(asking), values.json, terminal)
})

/** `desk ontologies approve`: approves one, and assigns its code. */
export const approve = defineCommand(
  { ...NODE_OPTIONS, ...REASON_OPTION, ...KEY_OPTION, serial: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const path = { id: onlyArgument(positionals, 'ontology') }
    const { serial } = values
    const asking = providerAt(values, terminal).POST('/v1/desk/ontologies/{id}/approve', {
      params: { path, header: keyHeader(values) },
      body: { ...(serial === undefined ? {} : { serial }), reason: required(values.reason, 'reason') },
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)

/** `desk ontologies return`: returns one to its requester, who may edit it and hand it in again. */
export const giveBack = verdictCommand('/v1/desk/ontologies/{id}/return')

/** `desk ontologies reject`: rejects one for good. */
export const reject = verdictCommand('/v1/desk/ontologies/{id}/reject')

function verdictCommand(route: '/v1/desk/ontologies/{id}/return' | '/v1/desk/ontologies/{id}/reject') {
  return defineCommand({ ...NODE_OPTIONS, ...REASON_OPTION }, async ({ positionals, values }, terminal) => {
    const path = { id: onlyArgument(positionals, 'ontology') }
    const body = { reason: required(values.reason, 'reason') }
    const asking = providerAt(values, terminal).POST(route, { params: { path }, body })
    return await writeObject(await answerOf(asking), values.json, terminal)
  })
}
