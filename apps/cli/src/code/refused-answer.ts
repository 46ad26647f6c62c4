import { explainMalformation, type Malformation } from '@arc3088/codec'

import type { Answer } from '../answers.ts'
import { shown } from '../shown.ts'

/** What is said of a text that is no code: the same members for every command that reads codes. */
export function refusedAnswer(input: string, fault: Malformation): Answer {
  const { reason, segment, offset, clause } = fault
  const { zh, en } = explainMalformation(fault)
  return {
    json: { input, ok: false, reason, segment, offset, clause },
    text: `${shown(input)}: ${reason}, offset ${offset} (GB/Z 185.2 ${clause})\n  ${zh}\n  ${en}`,
    exitCode: 1,
  }
}
