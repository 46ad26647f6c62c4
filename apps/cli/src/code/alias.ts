import { aliasDnsName, readAlias, readSubject, toAlias, type RootPrefix, type Subject } from '@arc3088/codec'

import { answerEach, type Answer } from '../answers.ts'
import { defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { PREFIX_OPTION, prefixesOf } from './read-options.ts'
import { refusedAnswer } from './refused-answer.ts'

/** `code alias`: the numeric alias of a code or code prefix, or the code of an alias; with an apex, its DNS name. */
export const alias = defineCommand(
  { ...PREFIX_OPTION, dns: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const prefixes = prefixesOf(values)
    const { dns } = values
    return await answerEach({ positionals, values }, terminal, (input) => aliasAnswer(input, prefixes, dns))
  },
)

/** What is said of one input, which may be either of the two: no text is both. @throws UsageError for an apex that is none. */
export function aliasAnswer(
  input: string,
  prefixes: readonly RootPrefix[],
  apex: string | undefined,
): Answer {
  const fromCode = readSubject(input, { prefixes })
  if (fromCode.kind !== 'malformed') return answerFor(input, fromCode, apex, 'alias')
  const fromAlias = readAlias(input, { prefixes })
  if (fromAlias.kind !== 'malformed') return answerFor(input, fromAlias, apex, 'code')
  return refusedAnswer(input, fromAlias.reason === 'marker-missing' ? fromCode : fromAlias)
}

function answerFor(
  input: string,
  subject: Subject,
  apex: string | undefined,
  wanted: 'alias' | 'code',
): Answer {
  const both = { code: subject.text, alias: toAlias(subject) }
  const dns = apex === undefined ? {} : { dns: dnsNameOf(subject, apex) }
  return {
    json: { input, ok: true, ...both, ...dns },
    text: [both[wanted], ...Object.values(dns)].join('  '),
    exitCode: 0,
  }
}

function dnsNameOf(subject: Subject, apex: string): string {
  try {
    return aliasDnsName(subject, apex)
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--dns: ${error.message}`)
    throw error
  }
}
