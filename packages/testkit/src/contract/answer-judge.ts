import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

import type { Contract, Operation, Schema } from './contract.ts'
import type { RawAnswer } from './raw-exchange.ts'

/** Says how an answer breaks the contract; undefined where it keeps it. */
export type AnswerJudge = (operation: Operation, answer: RawAnswer) => string | undefined

const PROBLEM = 'application/problem+json'

/** That another node does not answer is no fault of this one, where it is told apart and documented. */
const FAULTS_OF_OTHERS = new Set(['upstream-unreachable', 'upstream-timeout'])

/** Judges by status, media type, shape of the body, and of a problem also its code, which must be named for its status. */
export function judgeAnswersBy({ document }: Contract): AnswerJudge {
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  formats.default(ajv)
  ajv.addSchema({ $id: 'contract', ...document })
  const faultOf = (schema: Schema, value: unknown): string | undefined => {
    const absolute = rebase(schema)
    return ajv.validate(absolute as object, value) ? undefined : ajv.errorsText()
  }
  return (operation, answer) => {
    const { status, mediaType, text } = answer
    const promised = operation.responses[String(status)]
    if (promised === undefined) return `status ${status} is not documented`
    if (status >= 500 && !FAULTS_OF_OTHERS.has(codeOf(answer) ?? '')) return `status ${status}`
    const content = promised.content
    if (content === undefined) return text === '' ? undefined : `a body under ${status} is not documented`
    const essence = essenceOf(mediaType)
    const documented = Object.entries(content).find(([name]) => essenceOf(name) === essence)?.[1]
    if (documented === undefined) return `${status} in "${mediaType}" is not documented`
    if (!essence.endsWith('json')) return faultOf(documented.schema ?? {}, text)
    if (essence === 'application/x-ndjson') return faultOfLines(operation, text, faultOf)
    const fault = faultOf(documented.schema ?? {}, JSON.parse(text))
    if (fault !== undefined || essence !== PROBLEM) return fault
    const code = codeOf(answer) ?? 'no code'
    return promised.description.includes(code) ? undefined : `${status} ${code} is not documented`
  }
}

function faultOfLines(
  { line, lastLine = line }: Operation,
  text: string,
  faultOf: (schema: Schema, value: unknown) => string | undefined,
): string | undefined {
  if (line === undefined || lastLine === undefined) return 'the line of the stream is not documented'
  const lines = text.split('\n').filter((one) => one !== '')
  return lines
    .map((one, nth) => faultOf(nth === lines.length - 1 ? lastLine : line, JSON.parse(one)))
    .find((fault) => fault !== undefined)
}

function essenceOf(mediaType: string): string {
  return mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** The code of a problem. */
export function codeOf({ mediaType, text }: RawAnswer): string | undefined {
  if (essenceOf(mediaType) !== PROBLEM) return undefined
  const { code } = JSON.parse(text) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

/** Makes the references of a schema absolute, which are relative to the document. */
function rebase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rebase)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) =>
      name === '$ref' && typeof inner === 'string' ? [name, `contract${inner}`] : [name, rebase(inner)],
    ),
  )
}
