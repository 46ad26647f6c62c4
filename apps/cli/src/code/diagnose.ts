import { diagnose as diagnoseText, type Diagnosis, type DialectVerdict, type Reading } from '@arc3088/codec'

import { answerEach, type Answer } from '../answers.ts'
import { columns } from '../columns.ts'
import { defineCommand } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { shown } from '../shown.ts'
import { PREFIX_OPTION, prefixesOf } from './read-options.ts'

const EXIT_CODE: Readonly<Record<DialectVerdict, ExitCode>> = { valid: 0, invalid: 1, undecided: 2 }
const VERDICT_ZH: Readonly<Record<DialectVerdict, string>> = {
  valid: '有效',
  invalid: '无效',
  undecided: '无法判定',
}

/** `code diagnose`: the code clinic. Says what a text is and what is wrong with it; proposes, and changes nothing. */
export const diagnose = defineCommand(
  { ...PREFIX_OPTION, 'salt-hex': { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const saltHex = values['salt-hex']
    if (saltHex !== undefined && !/^(?:[0-9a-fA-F]{2})+$/.test(saltHex)) {
      throw new UsageError('--salt-hex: bytes in hexadecimal')
    }
    const options = { prefixes: prefixesOf(values), ...(saltHex === undefined ? {} : { saltHex }) }
    return await answerEach({ positionals, values }, terminal, (input) => {
      return diagnosisAnswer(diagnoseText(input, options))
    })
  },
)

/** What is said of one input: undecided is "could not tell", not "wrong". */
export function diagnosisAnswer(diagnosis: Diagnosis): Answer {
  return { json: diagnosis, text: diagnosisText(diagnosis), exitCode: EXIT_CODE[diagnosis.verdict] }
}

function diagnosisText({
  input,
  dialect,
  verdict,
  readings,
  problems,
  suggestion,
  changes,
}: Diagnosis): string {
  const proposal =
    suggestion === null
      ? []
      : [`  建议 suggestion  ${suggestion}${changes.length === 0 ? '' : `  (${changes.join(', ')})`}`]
  return [
    `${shown(input)}: ${dialect}, ${VERDICT_ZH[verdict]} ${verdict}`,
    ...problems.map(problemText),
    ...proposal,
    ...readings.map(readingText),
  ].join('\n')
}

function problemText({ reason, severity, offset, clause, explain }: Diagnosis['problems'][number]): string {
  return `  ${severity}: ${reason}, offset ${offset} (${clause})\n    ${shown(explain.zh)}\n    ${shown(explain.en)}`
}

function readingText({ dialect, verdict, segments, code }: Reading): string {
  const rows = segments.map(({ segment, text, clause, explain }) => {
    return [segment, shown(text), clause, shown(explain.zh), shown(explain.en)]
  })
  const head = `  解读 reading  ${dialect}, ${verdict}${code === null ? '' : ` → ${code}`}`
  return rows.length === 0 ? head : `${head}\n${columns(rows, '    ')}`
}
