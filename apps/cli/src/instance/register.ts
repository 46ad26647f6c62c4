import { defineCommand, onlyArgument } from '../command.ts'
import { NODE_OPTIONS, providerAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'
import { KEY_OPTION, keyHeader } from '../node/options.ts'

/** `instance register`: one instance of an ontology. The same `--idempotency-key` gets the same code and record. */
export const register = defineCommand(
  { ...NODE_OPTIONS, ...KEY_OPTION, serial: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const path = { code: onlyArgument(positionals, 'ontology code') }
    const { serial } = values
    const asking = providerAt(values, terminal).POST('/v1/ontologies/{code}/instances', {
      params: { path, header: keyHeader(values) },
      body: serial === undefined ? {} : { serial },
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)
