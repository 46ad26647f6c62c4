import { readFileSync } from 'node:fs'

import { STATUS, TYP, formatLogEntry, statusTransitionHash } from '@arc3088/records'
import {
  appendSignature,
  cosignCheckpoint,
  formatTlogProof,
  inclusionProof,
  parseNote,
  signCheckpoint,
} from '@arc3088/tlog'
import { describe, expect, test } from 'vitest'

import { COSIGNER, LOG_ORIGIN, addLogs, logWith, noteSigner } from '../tests/log-scenario.ts'
import type { Claims, KeyFile } from '../tests/scenario.ts'
import { CODE, JUDGED_AT, P1, T0, createDraft, signDraft, signersOf } from '../tests/scenario.ts'
import { pinAnchor } from './anchor.ts'
import { verifyEvidence } from './verify-evidence.ts'

const keyFile = new URL('../../../vectors/evidence/test-keys.json', import.meta.url)
const signers = await signersOf(JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile)
/** The instance was suspended then, and restored a hundred seconds later. */
const SUSPENDED_AT = T0 + 100
const AS_OF = T0 + 150

/** The proof of a change of status in the provider's log. */
async function proveChange(code: string, status: 'suspended' | 'valid', since: number): Promise<string> {
  const h = await statusTransitionHash({ code, status: STATUS[status], since })
  const { first, size, root, tiles, entries } = logWith([
    formatLogEntry({ v: 1, t: 'status', c: code, h, i: since }),
  ])
  const origin = LOG_ORIGIN.p1
  const note = await signCheckpoint(
    { origin, size, root },
    noteSigner({ key: 'p1.tlog', name: origin }, 1, signers),
  )
  const line = await cosignCheckpoint(
    parseNote(note)?.body ?? '',
    noteSigner(COSIGNER.root, 4, signers),
    since + 1,
  )
  const hashes = inclusionProof(first, size, ({ level, index }) => {
    const tile = tiles.find((each) => each.level === level && each.index === index)
    if (tile === undefined) throw new RangeError('no such tile')
    return tile.data
  })
  const extra = entries[first]
  if (extra === undefined) throw new RangeError('no entry')
  return formatTlogProof({ index: first, hashes, checkpoint: appendSignature(note, line), extra })
}

async function assess({
  asOf,
  at = JUDGED_AT,
  answer,
  appointment = {},
  statedAt = JUDGED_AT,
  listed = appointment['state'] as 'suspended' | 'retired' | undefined,
}: {
  asOf: number
  at?: number
  answer?: Claims | undefined
  /** What else the root's statement says of the provider. */
  appointment?: Claims
  /** When the root signed the statement. */
  statedAt?: number
  /** What the lists of now say of statement and provider; default what the statement says is the state now. */
  listed?: 'suspended' | 'retired' | undefined
}) {
  const draft = createDraft(signers)
  addLogs(draft, signers)
  // Now the list says that it is revoked; then it was not.
  draft.lists[3]?.entries.push([0, STATUS.revoked])
  const stated = draft.statement.claims['metadata'] as Record<string, Claims>
  Object.assign(stated['agent_code_provider'] ?? {}, appointment)
  draft.statement.claims['iat'] = statedAt
  if (listed !== undefined) {
    const now = STATUS[listed]
    draft.lists[0]?.entries.push([7000, now], [7001, now])
  }
  const { bundle: alone } = await signDraft(draft, signers)
  const records = alone['records'] as string[]
  const base = { iss: P1, iat: JUDGED_AT, exp: JUDGED_AT + 120, sub: CODE, at: AS_OF, result: 'assigned' }
  const log = { origin: LOG_ORIGIN.p1, size: 9, root: 'A'.repeat(43) }
  if (answer !== undefined) {
    draft.resolution = {
      typ: TYP.resolutionAnswer,
      key: 'p1.issuing',
      claims: { ...base, assignment: records.at(-1) ?? '', log, ...answer },
    }
  }
  const { anchor, bundle } = await signDraft(draft, signers)
  bundle['records'] = records
  const pinned = pinAnchor(JSON.stringify(anchor))
  if ('kind' in pinned) throw new Error(pinned.detail)
  return await verifyEvidence({ code: CODE, bundle, anchor: pinned, at, asOf })
}

async function suspended(proof: string | undefined): Promise<Claims> {
  const transition = { status: 'suspended', since: SUSPENDED_AT, ...(proof === undefined ? {} : { proof }) }
  return { status: 'suspended', status_since: SUSPENDED_AT, transitions: [transition] }
}

describe('a question about a past instant', () => {
  test('is answered by what the node says of then, not by the list of now', async () => {
    const answer = { status: 'valid', status_since: T0, transitions: [] }
    expect(await assess({ asOf: AS_OF, answer })).toMatchObject({
      verdict: 'valid',
      status: 'valid',
      valid_until: JUDGED_AT + 120,
    })
  })

  test('is answered with the changes up to then, each with its proof', async () => {
    const answer = await suspended(await proveChange(CODE, 'suspended', SUSPENDED_AT))
    const { verdict, status, checks } = await assess({ asOf: AS_OF, answer })
    expect({ verdict, status }).toEqual({ verdict: 'suspended', status: 'suspended' })
    expect(checks).toContainEqual({ name: 'history', ok: true, detail: '1 changes of status told' })
  })

  test.each([
    ['of another change', () => proveChange(CODE, 'valid', SUSPENDED_AT)],
    ['of another instant', () => proveChange(CODE, 'suspended', SUSPENDED_AT + 1)],
    ['of another code', () => proveChange('1.2.156.3088.1.1.34C2.478BDF.0', 'suspended', SUSPENDED_AT)],
    ['that is none', () => Promise.resolve('c2sp.org/tlog-proof@v1\n')],
  ])('refuses a proof %s', async (_, prove) => {
    const { verdict, reasons } = await assess({ asOf: AS_OF, answer: await suspended(await prove()) })
    expect({ verdict, reason: reasons[0]?.code }).toEqual({
      verdict: 'chain-invalid',
      reason: 'log-proof-invalid',
    })
  })

  test('refuses an answer for another instant than was asked', async () => {
    const answer = { status: 'valid', status_since: T0, transitions: [] }
    for (const asOf of [AS_OF - 1, AS_OF + 1]) {
      expect(await assess({ asOf, answer })).toMatchObject({
        verdict: 'chain-invalid',
        reasons: [{ code: 'answer-other-instant' }],
      })
    }
  })

  test('is undecided without an answer, and stale with one that ran out', async () => {
    expect(await assess({ asOf: AS_OF })).toMatchObject({
      verdict: 'indeterminate',
      reasons: [{ code: 'part-missing' }],
    })
    const answer = { status: 'valid', status_since: T0, transitions: [] }
    expect((await assess({ asOf: AS_OF, at: JUDGED_AT + 121, answer })).verdict).toBe('stale')
  })

  test('before the assignment is answered by a denial that the record does not contradict', async () => {
    const asOf = T0 - 100
    const denial = {
      at: asOf,
      result: 'not_assigned',
      assignment: undefined,
      log: { origin: LOG_ORIGIN.p1, size: 50, root: 'A'.repeat(43) },
    }
    expect(await assess({ asOf, answer: denial })).toMatchObject({ verdict: 'not-assigned' })
  })

  describe('when its provider was another than it is now', () => {
    const answer = { status: 'valid', status_since: T0, transitions: [] }
    const states = [
      { state: 'active', since: T0 },
      { state: 'suspended', since: T0 + 160 },
      { state: 'retired', since: T0 + 200 },
    ]
    const retired = { state: 'retired', states, custodian: '1.2.156.3088.1.2' }

    test('is judged by what the root says that it was then', async () => {
      const sound = await assess({ asOf: AS_OF, answer, appointment: retired })
      expect(sound).toMatchObject({ verdict: 'valid', status: 'valid' })
      const at = { at: T0 + 170, status: 'valid' }
      const then = await assess({ asOf: T0 + 170, answer: { ...answer, ...at }, appointment: retired })
      expect(then).toMatchObject({ verdict: 'provider-suspended' })
      const late = { ...answer, at: T0 + 210 }
      expect(await assess({ asOf: T0 + 210, answer: late, appointment: retired })).toMatchObject({
        verdict: 'provider-retired',
      })
    })

    test.each([
      ['suspended', 'provider-suspended'],
      ['retired', 'provider-retired'],
    ] as const)(
      'is judged by the lists of now (%s) from the second on in which the statement was signed',
      async (listed, verdict) => {
        const appointment = { state: 'active', states: states.slice(0, 1) }
        const asked = { answer, appointment, listed, asOf: AS_OF }
        expect(await assess({ ...asked, statedAt: AS_OF - 50 })).toMatchObject({ verdict })
        expect(await assess({ ...asked, statedAt: AS_OF })).toMatchObject({ verdict })
        expect(await assess({ ...asked, statedAt: AS_OF + 1 })).toMatchObject({ verdict: 'valid' })
      },
    )

    test('is judged by what the statement says is now, of a time after it', async () => {
      const at = { at: T0 + 210, status: 'valid' }
      const asked = { asOf: T0 + 210, answer: { ...answer, ...at }, appointment: retired }
      expect(await assess({ ...asked, statedAt: T0 + 200 })).toMatchObject({ verdict: 'provider-retired' })
    })

    test('is judged by what it is now where the root says nothing of then', async () => {
      for (const told of [{}, { states: states.slice(2) }]) {
        const appointment = { state: 'retired', ...told }
        const { verdict } = await assess({ asOf: AS_OF, answer, appointment })
        expect(verdict).toBe('provider-retired')
      }
    })
  })
})
