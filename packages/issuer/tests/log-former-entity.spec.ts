import { parseSubject } from '@arc3088/codec'
import {
  codeAssignmentOf,
  createMemorySigner,
  generateSigningKey,
  signAssignmentRecord,
  type CompactJws,
} from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { createEndedTerms, keepTermEnds, type ServedTerm } from '../src/log/ended-terms.ts'
import {
  insertCheckpoint,
  markPublished,
  markWitnessed,
  pruneCheckpoints,
} from '../src/log/log-checkpoint.store.ts'
import { createLogDatabase, type LogDatabase } from './test-log-process.ts'

const FORMER = 'https://p0.example'
const PRESENT = 'https://p1.example'
const T0 = 1_790_000_000
const TERM: ServedTerm = { entityId: FORMER, from: T0, until: T0 + 100 }

let database: LogDatabase

beforeEach(async () => {
  database = await createLogDatabase()
})
afterEach(async () => {
  await database.drop()
})

async function recordBy(iss: string): Promise<CompactJws> {
  const { privateJwk } = await generateSigningKey('ES256')
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
  const subject = parseSubject('1.2.156.3088.1.1.34C2')
  return await signAssignmentRecord(signer, {
    iss,
    sub: subject.text,
    iat: T0,
    jti: systemAmbient().newId(),
    code_assignment: { ...codeAssignmentOf(subject), requester_kind: 'organization' },
    status: { status_list: { uri: `${FORMER}/status/0`, idx: 1 } },
  })
}

/** A checkpoint of this size, witnessed so many seconds after the beginning. */
async function checkpoint(size: number, seconds: number): Promise<void> {
  const at = new Date((T0 + seconds) * 1000)
  const note = `note ${size}`
  await database.db.transaction().execute((tx) => insertCheckpoint(tx, { size, note, signedAt: at }))
  await markPublished(database.db, size, at)
  await markWitnessed(database.db, { size, note, witnessedAt: at })
}

function terms(predecessors: readonly ServedTerm[]) {
  return createEndedTerms({ db: database.db, ambient: systemAmbient(), predecessors: () => predecessors })
}

test('a record of an entity that served before is proved by the last checkpoint witnessed in its term', async () => {
  await checkpoint(5, 10)
  await checkpoint(8, 100)
  await checkpoint(9, 101)
  expect(await terms([TERM]).checkpointOfTerm(await recordBy(FORMER))).toBe(8)
  const nothingInTerm = { ...TERM, from: T0 + 102, until: T0 + 200 }
  expect(await terms([nothingInTerm]).checkpointOfTerm(await recordBy(FORMER))).toBe(0)
})

test('a record of whoever serves now is proved by the newest', async () => {
  await checkpoint(5, 10)
  expect(await terms([TERM]).checkpointOfTerm(await recordBy(PRESENT))).toBeUndefined()
  expect(await terms([]).checkpointOfTerm(await recordBy(FORMER))).toBeUndefined()
})

test('the last checkpoint of a term outlives all pruning', async () => {
  await checkpoint(5, 10)
  await checkpoint(8, 90)
  await checkpoint(9, 200)
  await checkpoint(10, 300)
  await keepTermEnds(database.db, [TERM])
  await keepTermEnds(database.db, [TERM])
  await pruneCheckpoints(database.db, 1)
  const kept = await database.db.selectFrom('log_checkpoint').select('size').orderBy('size').execute()
  expect(kept.map(({ size }) => size)).toEqual([8, 10])
  expect(await terms([TERM]).checkpointOfTerm(await recordBy(FORMER))).toBe(8)
})
