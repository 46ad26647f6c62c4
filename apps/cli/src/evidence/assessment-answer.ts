import { exitCodeOf, type Assessment } from '@arc3088/trust'

import type { Answer } from '../answers.ts'
import { resolutionText } from './resolution-text.ts'

/** What is said of one assessment. */
export function assessmentAnswer(assessment: Assessment): Answer {
  const { verdict } = assessment
  return { json: assessment, text: resolutionText({ ...assessment }, verdict), exitCode: exitCodeOf(verdict) }
}
