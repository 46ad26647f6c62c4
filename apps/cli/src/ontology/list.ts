import { defineCommand, noArguments } from '../command.ts'
import { NODE_OPTIONS, providerAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeItems } from '../node/node-answer.ts'
import { oneOf, PAGE_OPTIONS, pageOf } from '../node/options.ts'

const STATES = ['draft', 'submitted', 'under-review', 'returned', 'rejected', 'approved'] as const
const SHOWN = ['id', 'review', 'code', 'description'] as const

/** `ontology list`: the ontologies of the holder of the token. */
export const list = defineCommand({ ...NODE_OPTIONS, ...PAGE_OPTIONS }, async (given, terminal) => {
  noArguments(given.positionals)
  const { values } = given
  const review = oneOf(values.state, STATES, 'state')
  const query = { ...pageOf(values), ...(review === undefined ? {} : { review }) }
  const { items } = await answerOf(providerAt(values, terminal).GET('/v1/ontologies', { params: { query } }))
  return await writeItems(items, SHOWN, { json: values.json, terminal })
})
