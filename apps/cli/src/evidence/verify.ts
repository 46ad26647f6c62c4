import { verifyEvidence, type Assessment, type EvidenceQuestion, type PinnedAnchor } from '@arc3088/trust'

import { writeAnswer } from '../answers.ts'
import { defineCommand, onlyArgument, required } from '../command.ts'
import { Refusal } from '../failure.ts'
import { askedCodeOf } from './asked-code.ts'
import { assessmentAnswer } from './assessment-answer.ts'
import { readAnchorFile, readInstant, readJsonFile, readListPolicy } from './read-evidence-file.ts'

/** `verify`: judges an evidence bundle by a pinned key set. Nothing on this path can reach a network. */
export const verify = defineCommand(
  {
    anchor: { type: 'string' },
    code: { type: 'string' },
    at: { type: 'string' },
    'as-of': { type: 'string' },
    'min-seq': { type: 'string' },
    'max-list-age': { type: 'string' },
  },
  async ({ positionals, values }, terminal) => {
    const file = onlyArgument(positionals, 'bundle file')
    const anchorFile = required(values.anchor, 'anchor')
    const at = values.at === undefined ? Math.floor(terminal.now().getTime() / 1000) : readInstant(values.at)
    const asOf = values['as-of'] === undefined ? undefined : readInstant(values['as-of'], '--as-of')
    const recognition = readListPolicy(values)
    const anchor = readAnchorFile(anchorFile)
    const bundle = readJsonFile(file)
    const assessment = await assess({ bundle, anchor, at, asOf, recognition, code: values.code })
    return await writeAnswer(assessmentAnswer(assessment), values.json, terminal)
  },
)

/** Judges a bundle for the code named, or else for the one it was made for. @throws Refusal */
export async function assess(question: {
  readonly bundle: unknown
  readonly anchor: PinnedAnchor
  readonly at: number
  /** The past instant asked about; now, where left out. */
  readonly asOf?: number | undefined
  readonly recognition?: NonNullable<EvidenceQuestion['recognition']>
  readonly code: string | undefined
}): Promise<Assessment> {
  const { bundle, anchor, at, asOf, code, recognition = {} } = question
  const then = asOf === undefined ? {} : { asOf }
  const ask = async (subject: string) =>
    await verifyEvidence({ code: subject, bundle, anchor, at, ...then, recognition })
  if (code !== undefined) return await ask(code)
  const asked = askedCodeOf(bundle)
  switch (asked.kind) {
    case 'unreadable':
      throw new Refusal(asked.refusal.reason, `the last record: ${asked.refusal.detail}`)
    case 'unknown':
      return ofUnknownCode(await ask(asked.standIn), asked)
    case 'code':
      return await ask(asked.code)
  }
}

/** What was found of the parts that are there; the code itself was never asked about, so it is not named. */
function ofUnknownCode(assessment: Assessment, asked: { below: string; standIn: string }): Assessment {
  const { level: _level, segments: _segments, ...rest } = assessment
  const unnamed = (text: string) => text.replaceAll(asked.standIn, `${asked.below}…`)
  return {
    ...rest,
    code: asked.below,
    reasons: assessment.reasons.map((reason) => ({
      ...reason,
      ...(reason.subject === undefined ? {} : { subject: unnamed(reason.subject) }),
    })),
    checks: assessment.checks.map((check) => ({ ...check, detail: unnamed(check.detail) })),
  }
}
