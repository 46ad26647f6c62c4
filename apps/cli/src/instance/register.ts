import { randomUUID } from 'node:crypto'

import { defineCommand, onlyArgument } from '../command.ts'
import { accessOf, callNode, KEY_OPTION, NODE_OPTIONS, withToken } from '../node/call-node.ts'
import { writeObject } from '../node/node-answer.ts'

/** `instance register`: one instance of an ontology. The same `--idempotency-key` gets the same code and record. */
export const register = defineCommand(
  { ...NODE_OPTIONS, ...KEY_OPTION, serial: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const ontology = onlyArgument(positionals, 'ontology code')
    const { serial } = values
    const answer = await callNode(withToken(accessOf(values, terminal)), {
      method: 'POST',
      path: `/v1/ontologies/${encodeURIComponent(ontology)}/instances`,
      body: serial === undefined ? {} : { serial },
      idempotencyKey: values['idempotency-key'] ?? randomUUID(),
    })
    return await writeObject(answer, values.json, terminal)
  },
)
