import type { RecognitionCase } from './recognition-case.ts'
import { AGREEMENTS_CASES, CHAINS_CASES } from './recognition-document-cases.ts'
import { EVENTS_CASES } from './recognition-event-cases.ts'
import { LISTS_CASES, SCOPE_CASES } from './recognition-list-cases.ts'
import type { SignedRecognition } from './recognition-scenario.ts'
import { createRecognitionDraft, signRecognition } from './recognition-scenario.ts'
import { SOUND_CASES, STATES_CASES } from './recognition-state-cases.ts'
import type { Signers } from './scenario.ts'

export const RECOGNITION_CASES: readonly RecognitionCase[] = [
  ...SOUND_CASES,
  ...STATES_CASES,
  ...SCOPE_CASES,
  ...LISTS_CASES,
  ...AGREEMENTS_CASES,
  ...EVENTS_CASES,
  ...CHAINS_CASES,
]

/** The language-neutral form of one vector: as those of `evidence`, with the highest number of a list seen before. */
export interface RecognitionVector extends SignedRecognition {
  name: string
  says: string
  min_seq?: number
  expect: { verdict: string; reason: string | null }
}

export async function buildRecognitionVector(
  { name, says, verdict, reason, change, cut }: RecognitionCase,
  signers: Signers,
): Promise<RecognitionVector> {
  const draft = createRecognitionDraft(signers)
  await change?.(draft, signers)
  const { code, at, anchor, bundle } = await signRecognition(draft, signers)
  await cut?.(bundle, signers)
  const seen = draft.minSeq === undefined ? {} : { min_seq: draft.minSeq }
  return { name, says, code, at, ...seen, anchor, bundle, expect: { verdict, reason: reason ?? null } }
}
