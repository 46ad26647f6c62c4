import { defineCommand, noArguments, required } from '../command.ts'
import { NODE_OPTIONS, publicRootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'

/** `provider status`: how far an application at a root has come, for whoever has its id. */
export const status = defineCommand(
  { url: NODE_OPTIONS.url, application: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const path = { id: required(values.application, 'application') }
    const asking = publicRootAt(values, terminal).GET('/v1/provider-applications/{id}', { params: { path } })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)
