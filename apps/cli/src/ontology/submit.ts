import { defineCommand, noArguments } from '../command.ts'
import { readJsonFile } from '../evidence/read-evidence-file.ts'
import { CannotTell, UsageError } from '../failure.ts'
import { accessOf, callNode, NODE_OPTIONS, withToken, type NodeAccess } from '../node/call-node.ts'
import { writeObject } from '../node/node-answer.ts'

/** `ontology submit`: describes an agent and hands it to the desk; with `--id`, hands in a draft that is there. */
export const submit = defineCommand(
  { ...NODE_OPTIONS, description: { type: 'string' }, id: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const { description, id } = values
    if ((description === undefined) === (id === undefined)) {
      throw new UsageError('either --description or --id')
    }
    const access = withToken(accessOf(values, terminal))
    const draft = id ?? (await createDraft(access, readJsonFile(description ?? '')))
    const path = `/v1/ontologies/${encodeURIComponent(draft)}/submit`
    return await writeObject(await callNode(access, { method: 'POST', path }), values.json, terminal)
  },
)

async function createDraft(access: NodeAccess, description: unknown): Promise<string> {
  const draft = await callNode(access, { method: 'POST', path: '/v1/ontologies', body: { description } })
  const { id } = draft
  if (typeof id !== 'string') throw new CannotTell(`${access.url} answered a draft without an id`)
  return id
}
