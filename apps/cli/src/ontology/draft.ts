import type { ProviderApi } from '@arc3088/client'

import { defineCommand, noArguments, onlyArgument, required } from '../command.ts'
import { readJsonFile } from '../evidence/read-evidence-file.ts'
import { NODE_OPTIONS, providerAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'

const DESCRIPTION_OPTION = { description: { type: 'string' } } as const

/** `ontology draft`: describes an agent, and hands it to nobody yet. */
export const draft = defineCommand(
  { ...NODE_OPTIONS, ...DESCRIPTION_OPTION },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const description = readJsonFile(required(values.description, 'description'))
    const created = await createDraft(providerAt(values, terminal), description)
    return await writeObject(created, values.json, terminal)
  },
)

/** `ontology show`: one ontology, and the version that an edit of it may name. */
export const show = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  const id = onlyArgument(positionals, 'ontology')
  const { ontology, etag } = await readOntology(providerAt(values, terminal), id)
  return await writeObject({ ...ontology, etag }, values.json, terminal)
})

/**
 * `ontology edit`: replaces the description. What somebody else wrote meanwhile is refused to be overwritten: since it was
 * shown, where `--if-match` names what was; else since this command read it.
 */
export const edit = defineCommand(
  { ...NODE_OPTIONS, ...DESCRIPTION_OPTION, 'if-match': { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const id = onlyArgument(positionals, 'ontology')
    const description = readJsonFile(required(values.description, 'description'))
    const provider = providerAt(values, terminal)
    const etag = values['if-match'] ?? (await readOntology(provider, id)).etag
    const asking = provider.PUT('/v1/ontologies/{id}', {
      params: { path: { id }, header: { 'if-match': etag } },
      body: { description: description as never },
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)

/** The provider judges the description, and says best what is wrong with it; so it goes out as it was written. */
export async function createDraft(provider: ProviderApi, description: unknown) {
  const body = { description: description as never }
  return await answerOf(provider.POST('/v1/ontologies', { body }))
}

async function readOntology(provider: ProviderApi, id: string) {
  const asked = await provider.GET('/v1/ontologies/{id}', { params: { path: { id } } })
  const ontology = await answerOf(Promise.resolve(asked))
  return { ontology, etag: asked.response.headers.get('etag') ?? '' }
}
