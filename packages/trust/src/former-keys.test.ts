import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { retireKey } from '../tests/log-cases.ts'
import { addLogs } from '../tests/log-scenario.ts'
import type { Draft, KeyFile } from '../tests/scenario.ts'
import { CODE, JUDGED_AT, T0, createDraft, signDraft, signersOf } from '../tests/scenario.ts'
import { pinAnchor } from './anchor.ts'
import { verifyEvidence } from './verify-evidence.ts'

const keyFile = new URL('../../../vectors/evidence/test-keys.json', import.meta.url)
const signers = await signersOf(JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile)
const DAY = 86_400

/** A world in which the issuing key has retired, long after it signed. */
async function assess(change: (draft: Draft) => void) {
  const draft = createDraft(signers)
  addLogs(draft, signers)
  retireKey(draft, signers, { exp: T0 + 400 })
  change(draft)
  const { anchor, bundle } = await signDraft(draft, signers)
  const pinned = pinAnchor(JSON.stringify(anchor))
  if ('kind' in pinned) throw new Error(pinned.detail)
  return await verifyEvidence({ code: CODE, bundle, anchor: pinned, at: JUDGED_AT })
}

const historyOf = ({ histories: [history] = [] }: Draft) => {
  if (history === undefined) throw new RangeError('no history')
  return history
}

test('a history of keys is believed for a day', async () => {
  const young = await assess((draft) => (historyOf(draft).claims['iat'] = JUDGED_AT - DAY + 300))
  expect(young).toMatchObject({ verdict: 'valid', valid_until: JUDGED_AT + 300 })
  const old = await assess((draft) => (historyOf(draft).claims['iat'] = JUDGED_AT - DAY - 300))
  expect(old).toMatchObject({ verdict: 'stale', reasons: [{ code: 'expired' }] })
})

test('a history of keys from the future is none', async () => {
  const assessment = await assess((draft) => (historyOf(draft).claims['iat'] = JUDGED_AT + 300))
  expect(assessment).toMatchObject({ verdict: 'chain-invalid', reasons: [{ code: 'issued-in-future' }] })
})

test('of two histories the one that says a key was stolen decides, in any order', async () => {
  for (const turn of [false, true]) {
    const assessment = await assess((draft) => {
      const older = structuredClone(historyOf(draft))
      older.claims['iat'] = JUDGED_AT - 600
      retireKey(draft, signers, { exp: T0 + 400, revoked: { revoked_at: T0 - 1 } })
      const newer = historyOf(draft)
      draft.histories = turn ? [newer, older] : [older, newer]
    })
    expect(assessment).toMatchObject({ verdict: 'chain-invalid', reasons: [{ code: 'key-compromised' }] })
  }
})
