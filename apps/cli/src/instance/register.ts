import { defineCommand, onlyArgument } from '../command.ts'
import { NODE_OPTIONS, providerAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'
import { KEY_OPTION, keyHeader } from '../node/options.ts'

/** `instance register`: one instance of an ontology. The same `--idempotency-key` gets the same code and record.
 * `--business-type` asks for a number of the ranges that serve it. */
export const register = defineCommand(
  { ...NODE_OPTIONS, ...KEY_OPTION, serial: { type: 'string' }, 'business-type': { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const path = { code: onlyArgument(positionals, 'ontology code') }
    const { serial, 'business-type': businessType } = values
    const asking = providerAt(values, terminal).POST('/v1/ontologies/{code}/instances', {
      params: { path, header: keyHeader(values) },
      body: {
        ...(serial === undefined ? {} : { serial }),
        ...(businessType === undefined ? {} : { business_type: businessType }),
      },
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)
