import { checkMark as markOf, readSubject, verifyCheckMark, type RootPrefix } from '@arc3088/codec'

import { answerEach, type Answer } from '../answers.ts'
import { defineCommand } from '../command.ts'
import { PREFIX_OPTION, prefixesOf } from './read-options.ts'
import { refusedAnswer } from './refused-answer.ts'

/** `code check-mark`: the display check mark of a code, or whether a mark is that of the code. */
export const checkMark = defineCommand(
  { ...PREFIX_OPTION, verify: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const prefixes = prefixesOf(values)
    return await answerEach({ positionals, values }, terminal, (input) => {
      return checkMarkAnswer(input, prefixes, values.verify)
    })
  },
)

/** What is said of one input; with a `mark`, whether it is the right one. */
export function checkMarkAnswer(
  input: string,
  prefixes: readonly RootPrefix[],
  mark: string | undefined,
): Answer {
  const read = readSubject(input, { prefixes })
  if (read.kind === 'malformed') return refusedAnswer(input, read)
  const own = markOf(read)
  if (mark !== undefined && !verifyCheckMark(read, mark)) {
    return {
      json: { input, ok: false, code: read.text, check_mark: own, reason: 'check-mark-mismatch' },
      text: `${read.text}: 校验标记不符 the check mark is ${own}`,
      exitCode: 1,
    }
  }
  return {
    json: { input, ok: true, code: read.text, check_mark: own },
    text: `${read.text}  ${own}`,
    exitCode: 0,
  }
}
