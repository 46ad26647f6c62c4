import {
  explainSegment,
  readCode,
  segmentsOf,
  type IdentityCode,
  type Level,
  type Malformation,
  type OpaqueCode,
  type SegmentName,
} from '@arc3088/codec'

import { answerEach, type Answer } from '../answers.ts'
import { columns } from '../columns.ts'
import { defineCommand } from '../command.ts'
import { shown } from '../shown.ts'
import { isOpaqueWanted, PREFIX_OPTION, prefixesOf } from './read-options.ts'
import { refusedAnswer } from './refused-answer.ts'

const LEVEL_ZH: Readonly<Record<Level, string>> = {
  provider: '服务方',
  requester: '请求方',
  ontology: '本体',
  instance: '实例',
}

/** `code parse`: what a text says as an identity code, or the first rule that it breaks. */
export const parse = defineCommand(
  { ...PREFIX_OPTION, 'custom-serial': { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const prefixes = prefixesOf(values)
    const opaque = isOpaqueWanted(values['custom-serial'])
    return await answerEach({ positionals, values }, terminal, (input) => {
      const read = opaque
        ? readCode(input, { prefixes, customSerial: 'opaque' })
        : readCode(input, { prefixes })
      return parseAnswer(input, read)
    })
  },
)

/** What is said of one input. */
export function parseAnswer(input: string, read: IdentityCode | OpaqueCode | Malformation): Answer {
  switch (read.kind) {
    case 'malformed':
      return refusedAnswer(input, read)
    case 'opaque':
      return opaqueAnswer(input, read)
    case 'code':
      return codeAnswer(input, read)
  }
}

function codeAnswer(input: string, code: IdentityCode): Answer {
  const segments = segmentsOf(code)
  const rows = Object.entries(segments).map(([segment, text]) => {
    const { zh, en } = explainSegment(segment as SegmentName, text)
    return [segment, text, zh, en]
  })
  return {
    json: { input, ok: true, code: code.text, level: code.level, segments },
    text: `${code.text}  ${LEVEL_ZH[code.level]} ${code.level}\n${columns(rows, '  ')}`,
    exitCode: 0,
  }
}

/** No level: what its serial means is known to the plan that gave it, and to nobody else. */
function opaqueAnswer(input: string, code: OpaqueCode): Answer {
  const segments = { ...segmentsOf(code), serial: code.serial }
  const rows = Object.entries(segments).map(([segment, text]) => [segment, [text].flat().join('.')])
  return {
    json: { input, ok: true, code: code.text, level: null, segments },
    text: `${shown(code.text)}  自定义序列号 custom serial (5.6 a)\n${columns(rows, '  ')}`,
    exitCode: 0,
  }
}
