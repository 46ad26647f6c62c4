import { columns } from '../columns.ts'
import { defineCommand, noArguments, required } from '../command.ts'
import { worstOf, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { holderAt, NODE_OPTIONS } from '../node/access.ts'
import { shown } from '../shown.ts'
import { registerLines, type LineAnswer } from './bulk-exchange.ts'

/**
 * `instance bulk`: an instance for each line of the input, `{"key":"…","serial"?:"…"}`. Answers in the order of the
 * lines, as they come. What breaks is taken up again by the keys; the same input again gets the same codes.
 */
export const bulk = defineCommand(
  { ...NODE_OPTIONS, ontology: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const ontology = required(values.ontology, 'ontology')
    if (terminal.input === undefined) throw new UsageError('nothing given: send one registration a line')
    const { baseUrl, token } = holderAt(values, terminal)
    const url = `${baseUrl}/v1/ontologies/${encodeURIComponent(ontology)}/instances:bulk`
    const sum = { lines: 0, assigned: 0, replayed: 0, refused: 0 }
    let worst: ExitCode = 0
    for await (const answer of registerLines({ url, token, lines: terminal.input })) {
      sum.lines++
      sum[outcomeOf(answer)]++
      worst = worstOf(worst, exitCodeOf(answer))
      await terminal.write(`${values.json ? JSON.stringify(answer) : textOf(answer)}\n`)
    }
    const rows = Object.entries(sum).map(([name, count]) => [name, String(count)])
    await terminal.write(`${values.json ? JSON.stringify(sum) : columns(rows)}\n`)
    return worst
  },
)

function outcomeOf({ problem, replayed }: LineAnswer): 'assigned' | 'replayed' | 'refused' {
  if (problem !== undefined) return 'refused'
  return replayed === true ? 'replayed' : 'assigned'
}

/** A line at which the node failed was not judged. */
function exitCodeOf({ problem }: LineAnswer): ExitCode {
  if (problem === undefined) return 0
  return problem.status >= 500 ? 2 : 1
}

function textOf({ line, key = '-', code, problem }: LineAnswer): string {
  const said = problem === undefined ? (code ?? '-') : `${problem.code}: ${problem.detail ?? problem.title}`
  return shown(`${line}  ${key}  ${said}`)
}
