import type { ProviderApi } from '@arc3088/client'

import { defineCommand, noArguments } from '../command.ts'
import { readJsonFile } from '../evidence/read-evidence-file.ts'
import { UsageError } from '../failure.ts'
import { NODE_OPTIONS, providerAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'

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
    const id = values.id ?? (await createDraft(provider, readJsonFile(description ?? '')))
    const asking = provider.POST('/v1/ontologies/{id}/submit', { params: { path: { id } } })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)

/** The provider judges the description, and says best what is wrong with it; so it goes out as it was written. */
async function createDraft(provider: ProviderApi, description: unknown): Promise<string> {
  const body = { description: description as never }
  const { id } = await answerOf(provider.POST('/v1/ontologies', { body }))
  return id
}
