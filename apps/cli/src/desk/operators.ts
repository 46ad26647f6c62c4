import { defineCommand, noArguments, onlyArgument } from '../command.ts'
import { NODE_OPTIONS, rootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeItems, writeObject } from '../node/node-answer.ts'
import { PAGE_OPTIONS, pageOf } from '../node/options.ts'

const { before, limit } = PAGE_OPTIONS
const SHOWN = ['id', 'state', 'role', 'name', 'key_ids'] as const

/** `desk operators list`: who is at the desk, who has left it, and who would come. */
export const list = defineCommand({ ...NODE_OPTIONS, before, limit }, async (given, terminal) => {
  noArguments(given.positionals)
  const { values } = given
  const page = await answerOf(
    rootAt(values, terminal).GET('/v1/desk/operators', { params: { query: pageOf(values) } }),
  )
  const proposed = page.proposed.map((each) => ({ ...each, state: 'proposed', key_ids: [] }))
  const there = page.items.map((each) => ({
    ...each,
    state: each.disabled_at === null ? 'active' : 'disabled',
  }))
  return await writeItems([...proposed, ...there], SHOWN, { json: values.json, terminal })
})

/** `desk operators invite`: what somebody without a key makes a token of their own with, once. */
export const invite = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  const path = { id: onlyArgument(positionals, 'operator') }
  const asking = rootAt(values, terminal).POST('/v1/desk/operators/{id}/tokens', { params: { path } })
  return await writeObject(await answerOf(asking), values.json, terminal)
})
