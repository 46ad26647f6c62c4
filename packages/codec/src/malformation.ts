import type { SegmentName } from './segment.ts'

/** Why a text is not a code. One reason is one rule of docs/spec/identity-code.md; a reason is never renamed. */
export const MALFORMATION_REASONS = [
  'not-text',
  'empty',
  'too-long',
  'space',
  'character',
  'prefix-unknown',
  'prefix-not-oid',
  'empty-segment',
  'leading-zero',
  'zero',
  'segment-too-long',
  'segment-missing',
  'segment-extra',
  'marker-missing',
  'out-of-range',
] as const

export type MalformationReason = (typeof MALFORMATION_REASONS)[number]

/** The first rule that a text breaks, reading from the left. */
export interface Malformation {
  readonly kind: 'malformed'
  readonly reason: MalformationReason
  readonly segment: SegmentName
  /** UTF-16 index in the input at which the rule is broken; the length of the input when something is missing at its end. */
  readonly offset: number
  /** The clause of GB/Z 185.2 that the rule comes from. */
  readonly clause: string
}

export function malformation(
  reason: MalformationReason,
  segment: SegmentName,
  offset: number,
  clause: string,
): Malformation {
  return { kind: 'malformed', reason, segment, offset, clause }
}

/** Thrown by the `parse…` functions. The message never repeats the input, which may be long or hostile. */
export class CodeSyntaxError extends Error {
  override readonly name = 'CodeSyntaxError'
  readonly malformation: Malformation
  readonly input: string

  constructor(fault: Malformation, input: string) {
    super(`${fault.reason}: ${fault.segment} at offset ${fault.offset} (GB/Z 185.2 ${fault.clause})`)
    this.malformation = fault
    this.input = input
  }
}
