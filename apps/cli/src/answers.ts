import { worstOf, type ExitCode } from './exit-code.ts'
import { UsageError } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** What a command has to say of one input, for programs and for people. */
export interface Answer {
  readonly json: object
  readonly text: string
  readonly exitCode: ExitCode
}

/** Writes one answer: a JSON object on a line of its own, or text. */
export async function writeAnswer(answer: Answer, json: boolean, terminal: Terminal): Promise<ExitCode> {
  await terminal.write(`${json ? JSON.stringify(answer.json) : answer.text}\n`)
  return answer.exitCode
}

/** Answers each argument, or each line of the input where there is none, in order; the worst answer gives the exit code. */
export async function answerEach(
  given: { readonly positionals: readonly string[]; readonly values: { readonly json?: boolean } },
  terminal: Terminal,
  answer: (input: string) => Answer | Promise<Answer>,
): Promise<ExitCode> {
  let worst: ExitCode = 0
  for await (const input of inputsOf(given.positionals, terminal)) {
    worst = worstOf(worst, await writeAnswer(await answer(input), given.values.json === true, terminal))
  }
  return worst
}

/** The arguments, or the lines of the input. @throws UsageError where there is neither. */
export function inputsOf(
  positionals: readonly string[],
  terminal: Terminal,
): Iterable<string> | AsyncIterable<string> {
  if (positionals.length > 0) return positionals
  if (terminal.input === undefined) throw new UsageError('nothing given: name it, or send one a line')
  return terminal.input
}
