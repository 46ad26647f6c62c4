import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { F_CODE } from '../tests/recognition-scenario.ts'
import type { Claims, Draft, Json, KeyFile } from '../tests/scenario.ts'
import { JUDGED_AT, ROOT, createDraft, signDraft, signersOf } from '../tests/scenario.ts'
import { pinAnchor } from './anchor.ts'
import { verifyEvidence } from './verify-evidence.ts'

const keyFile = new URL('../../../vectors/evidence/test-keys.json', import.meta.url)
const signers = await signersOf(JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile)

/** What evidence of the pinned root alone shows about a code of another root, without a word on recognition. */
async function ask(
  change: (draft: Draft) => void,
  cut: (bundle: { [name: string]: Json }) => object = (bundle) => bundle,
  at: number = JUDGED_AT,
) {
  const draft = createDraft(signers)
  change(draft)
  const { anchor, bundle } = await signDraft(draft, signers)
  const pin = pinAnchor(JSON.stringify(anchor))
  if ('kind' in pin) throw new Error(pin.detail)
  return (await verifyEvidence({ code: F_CODE, bundle: cut(bundle), anchor: pin, at })).verdict
}

const configurationOf = (draft: Draft) => draft.chain.find(({ claims }) => claims['sub'] === ROOT)

function nameList(draft: Draft): void {
  const metadata = configurationOf(draft)?.claims['metadata'] as Claims
  Object.assign(metadata['agent_code_root'] ?? {}, { recognition_list_uri: `${ROOT}/v1/recognition-list` })
}

const asItIs = () => undefined

describe('that nobody recognises a root', () => {
  test('is told by the pinned root, which names no recognition list', async () => {
    expect(await ask(asItIs)).toBe('not-recognised')
  })

  test('is not told by leaving the list out', async () => {
    expect(await ask(nameList)).toBe('indeterminate')
    expect(await ask(asItIs, () => ({ v: 1 }))).toBe('indeterminate')
    expect(await ask(asItIs, (bundle) => ({ ...bundle, chains: [] }))).toBe('indeterminate')
  })

  test('is not told by a configuration that the pinned root did not sign, or that has expired', async () => {
    const forge = (draft: Draft) => {
      const part = configurationOf(draft)
      if (part !== undefined) part.key = 'stranger'
    }
    expect(await ask(forge)).toBe('indeterminate')
    expect(await ask(asItIs, (bundle) => bundle, JUDGED_AT + 40 * 86_400)).toBe('indeterminate')
  })
})
