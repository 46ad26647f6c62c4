import { RegistryError } from '@arc3088/problems'
import { createClock, type TestDatabase } from '@arc3088/testkit'
import type { Signer } from '@arc3088/records'
import {
  appendSignature,
  formatAddCheckpoint,
  parseNote,
  parseVkey,
  signCheckpoint,
  signNote,
  verifyCosignature,
} from '@arc3088/tlog'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createCosigner, createLogSigner, type IssuerTables, type WatchedLog } from '../src/index.ts'
import { createIssuerDatabase } from './test-issuer.ts'
import { createTestLog, newLogKey, type TestLog } from './test-log.ts'
import { startWitness, WITNESS_ENTITY, type TestWitness } from './test-witness.ts'

let database: TestDatabase<IssuerTables>
let key: Signer
let witness: TestWitness
const watched = new Map<string, WatchedLog>()
let logs = 0

beforeAll(async () => {
  database = await createIssuerDatabase()
  key = await newLogKey()
  witness = await startWitness(database, { key, watched })
})
afterAll(async () => {
  await witness[Symbol.asyncDispose]()
  await database.drop()
})

/** A log of its own for each test, which the witness watches. */
async function newLog(): Promise<TestLog> {
  logs += 1
  const log = createTestLog(`https://p${logs}.example`, await newLogKey())
  watched.set(log.origin, { vkeys: [log.vkey] })
  return log
}

async function stored(log: TestLog) {
  return await database.db
    .selectFrom('witnessed_log')
    .selectAll()
    .where('origin', '=', log.origin)
    .executeTakeFirst()
}

async function evidence(log: TestLog) {
  return await database.db.selectFrom('fork_evidence').selectAll().where('origin', '=', log.origin).execute()
}

/** What the line says: the time at which this checkpoint was the newest; throws for a line that is worth nothing. */
async function timeOf(line: string, checkpoint: string): Promise<number> {
  const cosigner = parseVkey(witness.cosigner.vkey)
  const note = parseNote(appendSignature(checkpoint, line))
  if (cosigner === undefined || note === undefined) throw new Error('not a line')
  const cosigned = await verifyCosignature(note, cosigner)
  if (cosigned === undefined) throw new Error('the cosignature does not verify')
  return cosigned.timestamp
}

describe('a checkpoint', () => {
  test('that grew from what was seen is cosigned under the name of the node, at the time of the check', async () => {
    const log = await newLog()
    const before = Math.floor(Date.now() / 1000)
    for (const [from, to] of [
      [0, 1],
      [1, 4],
      [4, 4],
      [4, 7],
      [7, 300],
    ] as const) {
      const { status, mediaType, text } = await witness.add(await log.request(from, to))
      expect([status, mediaType]).toEqual([200, 'text/plain; charset=utf-8'])
      expect(text).toMatch(/^— root\.example [^ ]+\n$/)
      expect(await timeOf(text, await log.checkpoint(to))).toBeGreaterThanOrEqual(before)
    }
    expect(await stored(log)).toMatchObject({ size: 300, note: await log.checkpoint(300) })
  })

  test('of an empty log is cosigned too', async () => {
    const log = await newLog()
    expect((await witness.add(await log.request(0, 0))).status).toBe(200)
    expect((await witness.add(await log.request(0, 3))).status).toBe(200)
  })

  test('with lines after its root, and with signatures of strangers, is cosigned as it is', async () => {
    const log = await newLog()
    const stranger = createLogSigner('https://stranger.example', await newLogKey())
    const body = (await log.checkpoint(2)).split('\n\n')[0] ?? ''
    const checkpoint = await signNote(`${body}\nan extension\n`, [stranger, log.signer])
    const answer = await witness.add(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint }))
    expect(answer.status).toBe(200)
    expect(await timeOf(answer.text, checkpoint)).toBeGreaterThan(0)
    expect((await stored(log))?.note).not.toContain('stranger')
  })

  test('sent again after its answer was lost is first told the size, and is then cosigned again', async () => {
    const log = await newLog()
    expect((await witness.add(await log.request(0, 5))).status).toBe(200)
    const retried = await witness.add(await log.request(0, 5))
    expect(retried).toEqual({ status: 409, mediaType: 'text/x.tlog.size', text: '5\n' })
    const again = await witness.add(await log.request(5, 5))
    expect(again.status).toBe(200)
    expect(await timeOf(again.text, await log.checkpoint(5))).toBeGreaterThan(0)
  })

  test('is signed by any one of the keys that the log is known by', async () => {
    const log = await newLog()
    const older = createTestLog(`https://${log.origin.replace('/tlog', '')}`, await newLogKey())
    watched.set(log.origin, { vkeys: [older.vkey, log.vkey] })
    expect((await witness.add(await log.request(0, 2))).status).toBe(200)
    expect((await witness.add(await older.request(2, 3))).status).toBe(200)
  })
})

describe('a checkpoint is refused', () => {
  test('of a size below the one cosigned, whatever it says that it began at', async () => {
    const log = await newLog()
    await witness.add(await log.request(0, 8))
    for (const from of [0, 3, 6]) {
      const answer = await witness.add(await log.request(from, 6))
      expect(answer).toEqual({ status: 409, mediaType: 'text/x.tlog.size', text: '8\n' })
    }
    const backwards = formatAddCheckpoint({ oldSize: 8, proof: [], checkpoint: await log.checkpoint(6) })
    expect((await witness.add(backwards)).status).toBe(400)
    expect(await stored(log)).toMatchObject({ size: 8 })
  })

  test('with another root for the size cosigned, and the two notes are kept as proof of the fork', async () => {
    const log = await newLog()
    const fork = log.fork(2, 'fork')
    await witness.add(await log.request(0, 4))
    const refused = await witness.add(await fork.request(4, 4))
    expect([refused.status, refused.mediaType]).toEqual([409, 'text/plain; charset=utf-8'])
    expect(refused.text).toMatch(/^log-forked: /)
    expect(await evidence(log)).toMatchObject([
      { size: 4, note_known: await log.checkpoint(4), note_new: await fork.checkpoint(4) },
    ])
    expect(
      witness.logged.filter((line) => line.includes(log.origin) && line.includes('"level":50')),
    ).toHaveLength(1)
    expect(await stored(log)).toMatchObject({ note: await log.checkpoint(4) })
    expect((await witness.add(await log.request(4, 5))).status).toBe(200)
  })

  test('with another root for the size cosigned also where it says that it began elsewhere: the proof is kept', async () => {
    const log = await newLog()
    await witness.add(await log.request(0, 4))
    const refused = await witness.add(await log.fork(2, 'fork').request(0, 4))
    expect(refused).toEqual({ status: 409, mediaType: 'text/x.tlog.size', text: '4\n' })
    expect(await evidence(log)).toHaveLength(1)
  })

  test('of a fork as often as it is sent, and no log can fill the database with its forks', async () => {
    const log = await newLog()
    await witness.add(await log.request(0, 3))
    for (let nth = 0; nth < 20; nth++) {
      const fork = log.fork(1, `fork ${nth}`)
      expect((await witness.add(await fork.request(3, 3))).status).toBe(409)
      expect((await witness.add(await fork.request(3, 3))).status).toBe(409)
    }
    expect(await evidence(log)).toHaveLength(16)
  })

  test('of a fork at each size that the log comes to: what is kept of them has an end', async () => {
    const log = await newLog()
    for (let size = 1; size <= 70; size++) {
      await witness.add(await log.request(size - 1, size))
      expect((await witness.add(await log.fork(0, 'fork').request(size, size))).status).toBe(409)
    }
    expect(await evidence(log)).toHaveLength(64)
  })

  test('of a fork that grew on, since no proof leads to it', async () => {
    const log = await newLog()
    const fork = log.fork(2, 'fork')
    await witness.add(await log.request(0, 4))
    for (const to of [5, 8, 100]) {
      const answer = await witness.add(await fork.request(4, to))
      expect([to, answer.status, answer.text.split(':')[0]]).toEqual([to, 422, 'consistency-unproved'])
    }
    expect(await stored(log)).toMatchObject({ size: 4 })
  })

  test('with a proof that is changed, cut, longer, or begins at 0 with hashes', async () => {
    const log = await newLog()
    await witness.add(await log.request(0, 5))
    const checkpoint = await log.checkpoint(11)
    const good = log.proof(5, 11)
    const [first = new Uint8Array(32), ...rest] = good
    const flipped = first.slice()
    flipped[0] = (flipped[0] ?? 0) ^ 1
    for (const proof of [[flipped, ...rest], rest, [...good, first], []]) {
      expect((await witness.add(formatAddCheckpoint({ oldSize: 5, proof, checkpoint }))).status).toBe(422)
    }
    expect((await witness.add(formatAddCheckpoint({ oldSize: 5, proof: good, checkpoint }))).status).toBe(200)
    const fresh = await newLog()
    const request = { oldSize: 0, proof: [first], checkpoint: await fresh.checkpoint(4) }
    expect((await witness.add(formatAddCheckpoint(request))).status).toBe(422)
  })

  test('of a log that this node does not watch', async () => {
    const log = createTestLog('https://unknown.example', await newLogKey())
    const answer = await witness.add(await log.request(0, 1))
    expect([answer.status, answer.mediaType]).toEqual([404, 'text/plain; charset=utf-8'])
    expect(answer.text).toMatch(/^log-unknown: /)
    expect(await stored(log)).toBeUndefined()
  })

  test('signed by nobody the log is known by: not by a stranger, by its own cosigning key, or with one bit changed', async () => {
    const log = await newLog()
    const impostor = createTestLog(`https://${log.origin.replace('/tlog', '')}`, await newLogKey())
    expect((await witness.add(await impostor.request(0, 1))).status).toBe(403)
    const request = await log.request(0, 1)
    const signature = request.trimEnd().split(' ').at(-1) ?? ''
    const at = signature.length - 20
    const other = signature[at] === 'A' ? 'B' : 'A'
    const changed = request.replace(signature, signature.slice(0, at) + other + signature.slice(at + 1))
    expect((await witness.add(changed)).status).toBe(403)
    expect(await stored(log)).toBeUndefined()
  })

  test.each([
    ['nothing', ''],
    ['words', 'let me in\n'],
    ['JSON', '{"old":0}'],
    ['an old size alone', 'old 0\n\n'],
    ['a negative size', 'old -1\n\nx/tlog\n1\nAAAA\n\n— x AAAA\n'],
  ])('when its body is %s', async (_, body) => {
    const answer = await witness.add(body)
    expect([answer.status, answer.mediaType]).toEqual([400, 'text/plain; charset=utf-8'])
    expect(answer.text).toMatch(/^checkpoint-malformed: /)
  })

  test('when one byte of its framing is another: a leading zero, a missing newline, a carriage return, a byte order mark', async () => {
    const log = await newLog()
    await witness.add(await log.request(0, 2))
    const good = await log.request(2, 3)
    const spoilt = [
      good.replace('old 2', 'old 02'),
      good.trimEnd(),
      good.replaceAll('\n', '\r\n'),
      `\uFEFF${good}`,
      good.replace('\n\n', '\n'),
      ` ${good}`,
    ]
    for (const body of spoilt) expect((await witness.add(body)).status).toBe(400)
    expect((await witness.add(Uint8Array.of(0xff, 0xfe))).status).toBe(400)
    expect((await witness.add(good)).status).toBe(200)
  })

  test('when it is larger than 64 KiB', async () => {
    expect((await witness.add('x'.repeat(64 * 1024 + 1))).status).toBe(413)
    expect((await witness.add('x'.repeat(1_000_000))).text).toMatch(/^body-too-large: /)
  })

  test('by another method than POST, in plain text as well', async () => {
    const response = await fetch(`${witness.url}add-checkpoint`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
    expect(await response.text()).toMatch(/^method-not-allowed: /)
  })
})

describe('two forks', () => {
  test('sent fifty times at once as the first checkpoint: one root is cosigned, and never the other', async () => {
    const log = await newLog()
    const forks = [log.fork(0, 'left'), log.fork(0, 'right')] as const
    const requests = await Promise.all(forks.map((fork) => fork.request(0, 6)))
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, nth) => {
        const fork = nth % 2
        return { fork, ...(await witness.add(requests[fork] ?? '')) }
      }),
    )
    const cosigned = answers.filter(({ status }) => status === 200)
    expect(cosigned).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49)
    const winner = forks[cosigned[0]?.fork ?? 0] ?? log
    expect(await stored(log)).toMatchObject({ size: 6, note: await winner.checkpoint(6) })
    expect(await evidence(log)).toHaveLength(1)
  })

  test('that fifty senders push forward at once, at two processes, each from whatever size it is told: one history is cosigned', async () => {
    const log = await newLog()
    await using other = await startWitness(database, { key, watched })
    const forks = [log.fork(0, 'left'), log.fork(0, 'right')] as const
    const cosigned: { side: number; size: number; root: string; time: number }[] = []
    const refused = new Set<number>()
    const push = async (nth: number) => {
      const side = nth % 2
      const fork = forks[side] ?? log
      let from = 0
      for (let tries = 0; tries < 6; tries++) {
        const to = from + 1 + (nth % 3)
        const { status, mediaType, text } = await (nth % 4 < 2 ? witness : other).add(
          await fork.request(from, to),
        )
        if (status === 200) {
          const time = await timeOf(text, await fork.checkpoint(to))
          cosigned.push({ side, size: to, root: Buffer.from(fork.root(to)).toString('hex'), time })
          from = to
        } else if (mediaType === 'text/x.tlog.size') from = Number(text)
        else refused.add(status)
      }
    }
    await Promise.all(Array.from({ length: 50 }, (_, nth) => push(nth)))
    expect(cosigned.length).toBeGreaterThan(3)
    expect([...refused].filter((status) => status !== 409 && status !== 422)).toEqual([])
    expect(new Set(cosigned.map(({ side }) => side)).size).toBe(1)
    expect(new Set(cosigned.map(({ size, root }) => `${size} ${root}`)).size).toBe(
      new Set(cosigned.map(({ size }) => size)).size,
    )
    const bySize = cosigned.toSorted((one, two) => one.size - two.size || one.time - two.time)
    expect(bySize.map(({ time }) => time)).toEqual(bySize.map(({ time }) => time).toSorted((x, y) => x - y))
    expect((await stored(log))?.size).toBe(Math.max(...cosigned.map(({ size }) => size)))
  })
})

describe('a crash', () => {
  const CRASHES = [
    { step: 'witness:verified', size: 2, again: 200 },
    { step: 'witness:persisted', size: 5, again: 409 },
  ] as const
  test.each(CRASHES)(
    'at $step shows no cosignature, and after it the log goes on and its fork does not',
    async ({ step, size, again }) => {
      const log = await newLog()
      const fork = log.fork(2, 'fork')
      await witness.add(await log.request(0, 2))
      const crash = (reached: string) => {
        if (reached === step) throw new Error(`killed at ${reached}`)
      }
      {
        await using dying = await startWitness(database, { key, watched, ambient: { reached: crash } })
        const killed = await dying.add(await log.request(2, 5))
        expect([killed.status, killed.text]).toEqual([500, 'internal: The registry failed\n'])
      }
      expect(await stored(log)).toMatchObject({ size })
      await using restarted = await startWitness(database, { key, watched })
      expect((await restarted.add(await log.request(2, 5))).status).toBe(again)
      // What might have been shown is persisted, so a fork of that size is never cosigned beside it.
      expect((await restarted.add(await fork.request(2, 5))).text).toBe('5\n')
      expect((await restarted.add(await fork.request(5, 5))).status).toBe(409)
      expect((await restarted.add(await log.request(5, 5))).status).toBe(200)
      expect((await restarted.add(await log.request(5, 9))).status).toBe(200)
      expect(await evidence(log)).toHaveLength(1)
    },
  )
})

test('a node whose database was put back to an older day cosigns nothing: what it knows may be less than it signed', async () => {
  const log = await newLog()
  await witness.add(await log.request(0, 2))
  const demandWritable = () => {
    throw new RegistryError('node-read-only', 'The restore check did not agree')
  }
  await using restored = await startWitness(database, { key, watched, demandWritable })
  const answer = await restored.add(await log.request(2, 3))
  expect([answer.status, answer.text]).toEqual([503, 'node-read-only: The restore check did not agree\n'])
  expect(await stored(log)).toMatchObject({ size: 2 })
})

describe('what is kept', () => {
  test('never goes back, not even by hand: no smaller size, no other root, no deletion', async () => {
    const log = await newLog()
    await witness.add(await log.request(0, 4))
    const { db } = database
    const update = (set: { size?: number; root?: Uint8Array }) =>
      db.updateTable('witnessed_log').set(set).where('origin', '=', log.origin).execute()
    await expect(update({ size: 3 })).rejects.toThrow(/never taken back/)
    await expect(update({ root: log.root(3) })).rejects.toThrow(/never taken back/)
    await expect(db.deleteFrom('witnessed_log').execute()).rejects.toThrow(/permission denied/)
    await expect(db.deleteFrom('fork_evidence').execute()).rejects.toThrow(/permission denied/)
    await expect(sql`update fork_evidence set size = 1`.execute(db)).rejects.toThrow(/permission denied/)
  })

  test('stays true when the clock is set back: a later cosignature is never the earlier one', async () => {
    const log = await newLog()
    const clock = createClock(new Date('2026-11-22T12:00:00Z'))
    await using process = await startWitness(database, { key, watched, ambient: { now: () => clock.now() } })
    const first = await timeOf((await process.add(await log.request(0, 1))).text, await log.checkpoint(1))
    clock.set(new Date('2026-11-22T11:00:00Z'))
    const second = await timeOf((await process.add(await log.request(1, 2))).text, await log.checkpoint(2))
    expect(second).toBe(first)
  })
})

test('the cosigning key of a node never signs a checkpoint of its own name, nor its log key a cosignature', async () => {
  const cosigner = createCosigner(WITNESS_ENTITY, key)
  const logSigner = createLogSigner(WITNESS_ENTITY, key)
  expect([cosigner.name, logSigner.name]).toEqual(['root.example', 'root.example/tlog'])
  await expect(
    signCheckpoint(
      { origin: 'root.example/tlog', size: 0, root: createTestLog(WITNESS_ENTITY, key).root(0) },
      cosigner,
    ),
  ).rejects.toThrow('it does not sign notes')
})
