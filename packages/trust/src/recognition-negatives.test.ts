import { readFileSync } from 'node:fs'

import { TYP } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import type { RecognitionDraft } from '../tests/recognition-scenario.ts'
import {
  F,
  F_CODE,
  createRecognitionDraft,
  eventPart,
  signRecognition,
} from '../tests/recognition-scenario.ts'
import type { Claims, Json, KeyFile } from '../tests/scenario.ts'
import { JUDGED_AT, ROOT, T0, signPart, signersOf } from '../tests/scenario.ts'
import { pinAnchor } from './anchor.ts'
import { verifyEvidence } from './verify-evidence.ts'

const keyFile = new URL('../../../vectors/evidence/test-keys.json', import.meta.url)
const signers = await signersOf(JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile)

const ENDED_AT = T0 + 200

function pinned(anchor: Json) {
  const pin = pinAnchor(JSON.stringify(anchor))
  if ('kind' in pin) throw new Error(pin.detail)
  return pin
}

/** A recognised root's own word, well signed, that it never assigned the provider of a code. */
async function deny(change: (draft: RecognitionDraft) => void, asOf?: number) {
  const draft = createRecognitionDraft(signers)
  change(draft)
  const { anchor, bundle } = await signRecognition(draft, signers)
  const claims: Claims = {
    iss: F,
    iat: JUDGED_AT,
    exp: JUDGED_AT + 120,
    sub: F_CODE.split('.').slice(0, 6).join('.'),
    at: asOf ?? JUDGED_AT,
    result: 'not_assigned',
  }
  const [chain = []] = bundle['chains'] as string[][]
  const { verdict } = await verifyEvidence({
    code: F_CODE,
    bundle: {
      ...bundle,
      chains: [chain.slice(-1)],
      records: [],
      status_list_tokens: [],
      resolution: await signPart({ typ: TYP.resolutionAnswer, key: 'f.issuing', claims }, signers),
    },
    anchor: pinned(anchor),
    at: JUDGED_AT,
    ...(asOf === undefined ? {} : { asOf }),
  })
  return verdict
}

const ended = (by: string) => (draft: RecognitionDraft) => {
  draft.events.push(eventPart(by, 'terminate', ENDED_AT))
  Object.assign(draft.entry, { state: 'terminated', state_since: ENDED_AT })
}
const suspended = (by: string) => (draft: RecognitionDraft) => {
  draft.events.push(eventPart(by, 'suspend', ENDED_AT))
  Object.assign(draft.entry, { state: 'suspended', state_since: ENDED_AT })
}
const suspendedInTheListAlone = (draft: RecognitionDraft) => {
  Object.assign(draft.entry, { state: 'suspended', state_since: ENDED_AT })
}

describe('the word of another root that a code was not assigned', () => {
  test.each([
    ['counts while it is recognised', () => undefined, 'not-assigned'],
    ['is not heard while this root has suspended it', suspended(ROOT), 'recognition-suspended'],
    ['is not heard while it has suspended itself', suspended(F), 'recognition-suspended'],
    ['is not heard where the list alone tells', suspendedInTheListAlone, 'recognition-suspended'],
    ['is not heard once this root has left', ended(ROOT), 'not-recognised'],
    ['is not heard once it has left', ended(F), 'not-recognised'],
  ] as const)('%s', async (_, change, verdict) => {
    expect(await deny(change)).toBe(verdict)
  })

  test('about a past in which it was recognised is not heard once it is suspended', async () => {
    expect(await deny(() => undefined, ENDED_AT - 100)).toBe('not-assigned')
    expect(await deny(suspended(ROOT), ENDED_AT - 100)).toBe('recognition-suspended')
  })
})

/** The same document, signed by the same key over a header that spells the name of its algorithm otherwise. */
async function spelledOtherwise(jws: string): Promise<string> {
  const [header = '', payload = ''] = jws.split('.')
  const text = Buffer.from(header, 'base64url').toString()
  const { kid } = JSON.parse(text) as { kid: string }
  const signer = Object.values(signers).find((each) => each.kid === kid)
  if (signer === undefined) throw new Error('nobody has this key')
  const other = Buffer.from(text.replace('"alg"', String.raw`"\u0061lg"`)).toString('base64url')
  const signature = await signer.sign(new TextEncoder().encode(`${other}.${payload}`))
  return `${other}.${payload}.${Buffer.from(signature).toString('base64url')}`
}

test('an algorithm that was not agreed does not pass by the spelling of a header', async () => {
  const ask = async (algs: string[]) => {
    const draft = createRecognitionDraft(signers)
    Object.assign(draft.terms['constraints'] ?? {}, { algs })
    const { anchor, bundle } = await signRecognition(draft, signers)
    const respelled = async (part: string) =>
      await Promise.all((bundle[part] as string[]).map(spelledOtherwise))
    const records = await respelled('records')
    const tokens = await respelled('status_list_tokens')
    return await verifyEvidence({
      code: F_CODE,
      bundle: { ...bundle, records, status_list_tokens: tokens },
      anchor: pinned(anchor),
      at: JUDGED_AT,
    })
  }
  expect((await ask(['ES256', 'Ed25519'])).verdict).toBe('valid')
  expect(await ask(['ES256'])).toMatchObject({
    verdict: 'chain-invalid',
    reasons: [{ code: 'alg-not-agreed' }],
  })
})
