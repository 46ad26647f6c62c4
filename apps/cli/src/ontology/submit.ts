import { defineCommand, noArguments } from '../command.ts'
import { readJsonFile } from '../evidence/read-evidence-file.ts'
import { UsageError } from '../failure.ts'
import { NODE_OPTIONS, providerAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'
import { createDraft } from './draft.ts'

/** `ontology submit`: describes an agent and hands it to the desk; with `--id`, hands in a draft that is there. */
export const submit = defineCommand(
  { ...NODE_OPTIONS, description: { type: 'string' }, id: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const { description } = values
    if ((description === undefined) === (values.id === undefined)) {
      throw new UsageError('either --description or --id')
    }
    const provider = providerAt(values, terminal)
    const id = values.id ?? (await createDraft(provider, readJsonFile(description ?? ''))).id
    const asking = provider.POST('/v1/ontologies/{id}/submit', { params: { path: { id } } })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)
