import { readFileSync } from 'node:fs'

import { TYP } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import { addLogs } from '../tests/log-scenario.ts'
import type { Claims, Draft, KeyFile } from '../tests/scenario.ts'
import { CODE, P1, T0, createDraft, signDraft, signersOf } from '../tests/scenario.ts'
import { pinAnchor } from './anchor.ts'
import { verifyEvidence } from './verify-evidence.ts'

const keyFile = new URL('../../../vectors/evidence/test-keys.json', import.meta.url)
const signers = await signersOf(JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile)
const LOG: Claims = { origin: 'p1.example/tlog', size: 9, root: 'A'.repeat(43) }

/** A world in which the records named lack their proofs, and a live answer about the instance, or none. */
async function assess({
  without,
  at,
  answer,
  change,
}: {
  without: readonly number[]
  at: number
  answer?: Claims
  change?: (draft: Draft) => void
}) {
  const draft = createDraft(signers)
  addLogs(draft, signers)
  draft.proofs = draft.proofs?.filter(({ record }) => !without.includes(record)) ?? []
  change?.(draft)
  const { bundle: alone } = await signDraft(draft, signers)
  const records = alone['records'] as string[]
  if (answer !== undefined) {
    const claims = {
      iss: P1,
      iat: at,
      exp: at + 120,
      sub: CODE,
      at,
      result: 'assigned',
      status: 'valid',
      log: LOG,
    }
    draft.resolution = {
      typ: TYP.resolutionAnswer,
      key: 'p1.issuing',
      claims: { ...claims, assignment: records.at(-1) ?? '', ...answer },
    }
  }
  const { anchor, bundle } = await signDraft(draft, signers)
  // ES256 signs anew each time; the answer carries the very record shown.
  bundle['records'] = records
  const pinned = pinAnchor(JSON.stringify(anchor))
  if ('kind' in pinned) throw new Error(pinned.detail)
  return await verifyEvidence({ code: CODE, bundle, anchor: pinned, at })
}

describe('a proved record', () => {
  test('says where its log has it and since when its witnesses saw it', async () => {
    const { verdict, log, records, checks } = await assess({ without: [], at: T0 + 600 })
    expect({ verdict, log }).toEqual({ verdict: 'valid', log: 'proved' })
    expect(records.map((record) => record.log)).toEqual([
      { index: 7, size: 11, witnessed_at: T0 + 2 },
      { index: 7, size: 13, witnessed_at: T0 + 2 },
      { index: 8, size: 13, witnessed_at: T0 + 2 },
      { index: 9, size: 13, witnessed_at: T0 + 2 },
    ])
    expect(checks.find(({ name }) => name === 'log')).toEqual({
      name: 'log',
      ok: true,
      detail: 'proved: 4 of 4',
    })
  })

  test.each([
    [0, 'a provider', 'chain-invalid'],
    [1, 'an organisation', 'chain-invalid'],
    [2, 'an ontology', 'valid'],
  ])('with the entry of record %i under a hidden name, that of %s, is %s', async (nth, _, verdict) => {
    const assessment = await assess({
      without: [],
      at: T0 + 600,
      change: (draft) => {
        const part = draft.proofs?.[nth]
        if (part !== undefined) part.entry = (entry) => ({ ...entry, c: entry.h })
      },
    })
    expect(assessment.verdict).toBe(verdict)
  })

  test('is refused for an instant before its witnesses saw it', async () => {
    const change = (draft: Draft) => {
      for (const part of draft.proofs ?? [])
        for (const by of part.cosigners) Object.assign(by, { at: T0 + 700 })
    }
    const cosigners = await assess({
      without: [],
      at: T0 + 600,
      change: (draft) => {
        for (const part of draft.proofs ?? []) part.cosigners = part.cosigners.map((by) => ({ ...by }))
        change(draft)
      },
    })
    expect(cosigners).toMatchObject({
      verdict: 'chain-invalid',
      reasons: [{ code: 'issued-in-future' }, {}, {}, {}],
    })
  })
})

describe('a record younger than a minute, without its proof', () => {
  test('is valid and pending where a live answer vouches for it, until its minute is over', async () => {
    const assessment = await assess({ without: [3], at: T0 + 10, answer: {} })
    expect(assessment).toMatchObject({ verdict: 'valid', log: 'pending', valid_until: T0 + 59 })
  })

  test('may stand below others as young as it is', async () => {
    const assessment = await assess({ without: [1, 2, 3], at: T0 + 10, answer: {} })
    expect(assessment).toMatchObject({ verdict: 'valid', log: 'pending' })
  })

  test('is undecided at sixty seconds', async () => {
    expect((await assess({ without: [3], at: T0 + 59, answer: {} })).verdict).toBe('valid')
    const assessment = await assess({ without: [3], at: T0 + 60, answer: {} })
    expect(assessment).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'log-proof-missing' }] })
    expect(assessment.log).toBeUndefined()
  })

  test.each([
    ['there is no live answer', undefined],
    ['the answer has run out', { iat: T0 - 200, at: T0 - 200, exp: T0 - 80 }],
    ['the answer is for another instant', { iat: T0 + 9, at: T0 + 10 }],
  ])('is undecided where %s', async (_, answer) => {
    const assessment = await assess({
      without: [3],
      at: T0 + 10,
      ...(answer === undefined ? {} : { answer }),
    })
    expect(assessment).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'log-proof-missing' }] })
  })

  test('of the root is not vouched for by the provider', async () => {
    const assessment = await assess({ without: [0], at: T0 + 10, answer: {} })
    expect(assessment).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'log-proof-missing' }] })
  })
})

describe('a node that contradicts its own log', () => {
  test('is named, with both documents', async () => {
    const answer = { result: 'not_assigned', log: { ...LOG, size: 50 } }
    const { verdict, reasons, misconduct, records } = await assess({
      without: [],
      at: T0 + 600,
      answer: { ...answer, assignment: undefined, status: undefined },
    })
    expect({ verdict, reason: reasons[0]?.code, records }).toEqual({
      verdict: 'chain-invalid',
      reason: 'negative-contradicted',
      records: [],
    })
    expect(misconduct).toMatchObject({ kind: 'negative-contradicted' })
    expect(misconduct?.answer.split('.')).toHaveLength(3)
    expect(misconduct?.proof).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
    expect(misconduct?.record?.split('.')).toHaveLength(3)
  })

  test('is not accused where the entry stands beyond what it had seen', async () => {
    const answer = {
      result: 'not_assigned',
      log: { ...LOG, size: 9 },
      assignment: undefined,
      status: undefined,
    }
    const { reasons, misconduct } = await assess({ without: [], at: T0 + 600, answer })
    expect({ reason: reasons[0]?.code, misconduct }).toEqual({
      reason: 'answer-contradicted',
      misconduct: undefined,
    })
  })

  test('is caught with two trees of one size', async () => {
    const { verdict, reasons, misconduct } = await assess({
      without: [],
      at: T0 + 600,
      answer: { log: { ...LOG, size: 13 } },
    })
    expect({ verdict, reason: reasons[0]?.code, kind: misconduct?.kind }).toEqual({
      verdict: 'chain-invalid',
      reason: 'log-forked',
      kind: 'log-forked',
    })
  })
})

describe('a proof of no record at hand', () => {
  const withoutRecord = async (change: (bundle: Record<string, unknown>) => void) => {
    const draft = createDraft(signers)
    addLogs(draft, signers)
    const { anchor, bundle } = await signDraft(draft, signers)
    change(bundle)
    const pinned = pinAnchor(JSON.stringify(anchor))
    if ('kind' in pinned) throw new Error(pinned.detail)
    return await verifyEvidence({ code: CODE, bundle, anchor: pinned, at: T0 })
  }

  test('is no damage where its record is missing: nobody can tell', async () => {
    for (let nth = 0; nth < 4; nth++) {
      const { verdict, reasons } = await withoutRecord((bundle) =>
        (bundle['records'] as string[]).splice(nth, 1),
      )
      expect(verdict).toBe('indeterminate')
      expect(reasons.map(({ code }) => code)).toContain('part-missing')
    }
  })

  test('is damage where no record is missing', async () => {
    const { verdict, reasons } = await withoutRecord((bundle) => {
      const proofs = bundle['tlog_proofs'] as Record<string, string>
      proofs['A'.repeat(43)] = Object.values(proofs)[0] ?? ''
    })
    expect(verdict).toBe('chain-invalid')
    expect(reasons.map(({ code }) => code)).toContain('log-proof-invalid')
  })
})
