import { defineCommand, noArguments, required } from '../command.ts'
import { accessOf, callNode, NODE_OPTIONS } from '../node/call-node.ts'
import { writeObject } from '../node/node-answer.ts'

/** `provider status`: how far an application at a root has come, for whoever has its id. */
export const status = defineCommand(
  { ...NODE_OPTIONS, application: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const id = encodeURIComponent(required(values.application, 'application'))
    const answer = await callNode(accessOf(values, terminal), {
      method: 'GET',
      path: `/v1/provider-applications/${id}`,
    })
    return await writeObject(answer, values.json, terminal)
  },
)
