import { defineCommand, noArguments } from '../command.ts'
import { NODE_OPTIONS, providerAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'

/** `requester show`: what a provider knows of the holder of the token. */
export const show = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  noArguments(positionals)
  const me = await answerOf(providerAt(values, terminal).GET('/v1/requesters/me'))
  return await writeObject(me, values.json, terminal)
})
