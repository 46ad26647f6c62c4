import { readFileSync } from 'node:fs'

import { parseRootPrefix } from '@arc3088/codec'
import { TYP } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import type { RecognitionDraft } from '../tests/recognition-scenario.ts'
import {
  F,
  FP,
  F_CODE,
  IN_FORCE_AT,
  createRecognitionDraft,
  eventPart,
  foreignSigners,
  signRecognition,
} from '../tests/recognition-scenario.ts'
import { addLogs } from '../tests/log-scenario.ts'
import type { Claims, Json, KeyFile } from '../tests/scenario.ts'
import { CODE, JUDGED_AT, ROOT, T0, createDraft, signDraft, signPart, signersOf } from '../tests/scenario.ts'
import { pinAnchor } from './anchor.ts'
import { verifyEvidence } from './verify-evidence.ts'

const keyFile = new URL('../../../vectors/evidence/test-keys.json', import.meta.url)
const signers = await signersOf(JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile)

interface Question {
  change?: (draft: RecognitionDraft) => void
  code?: string
  at?: number
  asOf?: number
  maxAgeSeconds?: number
}

function pinned(anchor: Json) {
  const pin = pinAnchor(JSON.stringify(anchor))
  if ('kind' in pin) throw new Error(pin.detail)
  return pin
}

/** The issuing node's live answer for a past instant, as everything about one needs it (W5). */
async function answerFor(bundle: { [name: string]: Json }, asOf: number): Promise<string> {
  const records = bundle['records'] as string[]
  const claims: Claims = {
    iss: FP,
    iat: JUDGED_AT,
    exp: JUDGED_AT + 120,
    sub: F_CODE,
    at: asOf,
    result: 'assigned',
    assignment: records[3] ?? '',
    status: 'valid',
    status_since: T0,
  }
  return await signPart({ typ: TYP.resolutionAnswer, key: 'fp.issuing', claims }, signers)
}

async function ask({ change, code = F_CODE, at = JUDGED_AT, asOf, maxAgeSeconds }: Question) {
  const draft = createRecognitionDraft(signers)
  change?.(draft)
  const { anchor, bundle } = await signRecognition(draft, signers)
  if (asOf !== undefined) bundle['resolution'] = await answerFor(bundle, asOf)
  return await verifyEvidence({
    code,
    bundle,
    anchor: pinned(anchor),
    at,
    ...(asOf === undefined ? {} : { asOf }),
    ...(maxAgeSeconds === undefined ? {} : { recognition: { maxAgeSeconds } }),
  })
}

/** Before the instant judged at, so that a past instant may lie before, during and after. */
const FROM = T0 + 100
const UNTIL = T0 + 200

function suspendForAWhile(draft: RecognitionDraft): void {
  draft.events.push(eventPart(F, 'suspend', FROM), eventPart(F, 'resume', UNTIL))
  draft.entry['state_since'] = UNTIL
}

/** The list's root had the resumption later than it says that it was made. */
function resumeLate(draft: RecognitionDraft): void {
  suspendForAWhile(draft)
  draft.late = [{ nth: draft.events.length - 1, seen: UNTIL + 61 }]
  draft.entry['state_since'] = UNTIL + 61
}

function terminate(draft: RecognitionDraft): void {
  draft.events.push(eventPart(F, 'terminate', UNTIL))
  Object.assign(draft.entry, { state: 'terminated', state_since: UNTIL })
}

describe('a code of a recognised root', () => {
  test('is valid, and the answer says by which agreement, since when, and how old the list is', async () => {
    const assessment = await ask({})
    expect(assessment).toMatchObject({
      verdict: 'valid',
      provider: { code: '1.2.250.3088.1.1', entity_id: FP },
      recognition: {
        trust_anchor: F,
        state: 'in-force',
        since: IN_FORCE_AT,
        list: { iss: ROOT, seq: 12, age: 30 },
      },
    })
    expect(assessment.recognition?.agreement.jti).toMatch(/^urn:uuid:/)
    expect(assessment.checks).toContainEqual({
      name: 'recognition list',
      ok: true,
      detail: `list 12 of ${ROOT}, 30 s old`,
    })
  })

  test('is relied on no longer than the list may be old, nor past the next event that is known', async () => {
    expect((await ask({})).valid_until).toBe(JUDGED_AT - 30 + 600)
    expect((await ask({ maxAgeSeconds: 120 })).valid_until).toBe(JUDGED_AT - 30 + 120)
    const announced = await ask({
      change: (draft) => draft.events.push(eventPart(F, 'suspend', JUDGED_AT + 50, { claims: { iat: T0 } })),
    })
    expect(announced.valid_until).toBe(JUDGED_AT + 49)
  })

  test('is stale from the second in which the list is too old, by the policy', async () => {
    expect((await ask({ maxAgeSeconds: 30 })).verdict).toBe('valid')
    expect((await ask({ maxAgeSeconds: 29 })).verdict).toBe('stale')
  })

  test('is of another provider than the one with its number under the home prefix', async () => {
    const home = await signDraft(createDraft(signers), signers)
    const own = await verifyEvidence({
      code: CODE,
      bundle: home.bundle,
      anchor: pinned(home.anchor),
      at: JUDGED_AT,
    })
    const foreign = await ask({})
    expect(own.segments?.provider).toBe(foreign.segments?.provider)
    expect([own.provider?.code, foreign.provider?.code]).toEqual(['1.2.156.3088.1.1', '1.2.250.3088.1.1'])
    expect(own.provider?.entity_id).not.toBe(foreign.provider?.entity_id)
    expect(own.recognition).toBeUndefined()
  })

  test('is told about as unproved where only its own date says that it is older than the end', async () => {
    const stated = await ask({ change: terminate })
    expect(stated.reasons.map((each) => each.code)).toEqual([
      'recognition-ended',
      'recognition-time-unproved',
    ])
    const proved = await ask({
      change: (draft) => {
        addLogs(draft.foreign, foreignSigners(signers))
        terminate(draft)
      },
    })
    expect(proved.reasons.map((each) => each.code)).toEqual(['recognition-ended'])
    expect(proved.recognition).toMatchObject({ state: 'terminated', since: UNTIL })
  })
})

describe('the other root of an agreement', () => {
  /** A home code, as a verifier sees it who pins F: F's list, with an entry for the home root. */
  async function askWithFPinned(hasList: boolean) {
    const home = await signDraft(createDraft(signers), signers)
    const draft = createRecognitionDraft(signers)
    const { bundle: ofF } = await signRecognition(draft, signers)
    const { agreement, events } = ofF['recognition'] as { [name: string]: Json }
    const [fKeySet = null] = ofF['root_keys'] as Json[]
    const entry = {
      ...draft.entry,
      code_prefixes: ['1.2.156.3088'],
      trust_anchor: ROOT,
      root_keys: [home.anchor],
      jwks_thumbprints: [signers['root.federation'].kid],
    }
    const claims: Claims = { ...draft.list.claims, iss: F, entries: [entry] }
    const list = await signPart({ ...draft.list, key: 'f.federation', claims }, signers)
    const recognition = hasList ? { list, agreement, events, root_keys: [fKeySet] } : {}
    return await verifyEvidence({
      code: CODE,
      bundle: { ...home.bundle, recognition },
      anchor: pinned(fKeySet),
      at: JUDGED_AT,
      homePrefix: parseRootPrefix('1.2.250.3088'),
    })
  }

  test('sees the codes of this one in the same way', async () => {
    expect(await askWithFPinned(true)).toMatchObject({
      verdict: 'valid',
      recognition: { trust_anchor: ROOT, state: 'in-force' },
    })
  })

  test('cannot tell without its list', async () => {
    expect((await askWithFPinned(false)).verdict).toBe('indeterminate')
  })
})

describe('a past instant', () => {
  test.each([
    ['before a suspension', suspendForAWhile, FROM - 1, 'valid'],
    ['during a suspension', suspendForAWhile, FROM, 'recognition-suspended'],
    ['after a suspension', suspendForAWhile, UNTIL, 'valid'],
    [
      'where the resumption came later than it says, before it came',
      resumeLate,
      UNTIL,
      'recognition-suspended',
    ],
    ['where the resumption came later than it says, after it came', resumeLate, UNTIL + 61, 'valid'],
    ['before a termination: it was recognised, and is no more', terminate, FROM, 'recognised-historically'],
    ['after a termination', terminate, UNTIL, 'recognised-historically'],
    ['before the agreement', () => undefined, IN_FORCE_AT - 1, 'not-recognised'],
  ] as const)('%s', async (_, change, asOf, verdict) => {
    expect((await ask({ change, asOf })).verdict).toBe(verdict)
  })

  test('before a suspension that lasts still is not vouched for by whoever is suspended', async () => {
    const change = (draft: RecognitionDraft) => {
      draft.events.push(eventPart(F, 'suspend', UNTIL))
    }
    expect((await ask({ change, asOf: FROM })).verdict).toBe('recognition-suspended')
  })
})

describe('a code of the pinned root', () => {
  test('is not judged by a recognition list that comes with it', async () => {
    const home = await signDraft(createDraft(signers), signers)
    const { bundle } = await signRecognition(createRecognitionDraft(signers), signers)
    const { verdict, reasons } = await verifyEvidence({
      code: CODE,
      bundle: { ...home.bundle, recognition: bundle['recognition'] },
      anchor: pinned(home.anchor),
      at: JUDGED_AT,
    })
    expect({ verdict, code: reasons[0]?.code }).toEqual({
      verdict: 'indeterminate',
      code: 'part-not-checked',
    })
  })
})
