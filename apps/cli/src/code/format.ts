import {
  buildCode,
  CodeSyntaxError,
  HOME_PREFIX,
  parseInstanceNumber,
  parseOntologyNumber,
  parseProviderNumber,
  parseRequesterNumber,
  readCode,
} from '@arc3088/codec'

import { answerEach, writeAnswer, type Answer } from '../answers.ts'
import { defineCommand, noArguments, required } from '../command.ts'
import { UsageError } from '../failure.ts'
import { PREFIX_OPTION, prefixesOf } from './read-options.ts'
import { refusedAnswer } from './refused-answer.ts'

/** `code format`: the canonical spelling of a code, or the code made of its segments. */
export const format = defineCommand(
  {
    ...PREFIX_OPTION,
    provider: { type: 'string' },
    requester: { type: 'string' },
    ontology: { type: 'string' },
    instance: { type: 'string' },
  },
  async ({ positionals, values }, terminal) => {
    const prefixes = prefixesOf(values)
    const { provider, requester, ontology, instance } = values
    if ([provider, requester, ontology, instance].every((segment) => segment === undefined)) {
      return await answerEach({ positionals, values }, terminal, (input) => {
        const read = readCode(input, { prefixes })
        return read.kind === 'malformed' ? refusedAnswer(input, read) : formatted(input, read.text)
      })
    }
    noArguments(positionals)
    try {
      const code = buildCode({
        prefix: prefixes[1] ?? HOME_PREFIX,
        provider: parseProviderNumber(required(provider, 'provider')),
        requester: parseRequesterNumber(required(requester, 'requester')),
        ontology: parseOntologyNumber(required(ontology, 'ontology')),
        instance: parseInstanceNumber(instance ?? '0'),
      })
      return await writeAnswer(formatted(code.text, code.text), values.json, terminal)
    } catch (error) {
      if (error instanceof CodeSyntaxError) {
        return await writeAnswer(refusedAnswer(error.input, error.malformation), values.json, terminal)
      }
      if (error instanceof RangeError) throw new UsageError(error.message)
      throw error
    }
  },
)

function formatted(input: string, code: string): Answer {
  return { json: { input, ok: true, code }, text: code, exitCode: 0 }
}
