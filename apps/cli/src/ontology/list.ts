import { listCommand } from '../node/node-commands.ts'

/** `ontology list`: the ontologies of the holder of the token. */
export const list = listCommand('/v1/ontologies', ['id', 'review', 'code', 'description'], 'review')
