import { readSubject } from '@arc3088/codec'
import type { AssignBatch, Settled } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { CompactJws } from '@arc3088/records'
import { createLog } from '@arc3088/service'
import { describe, expect, test } from 'vitest'

import { answerBulk, type BulkParts } from './bulk-answer.ts'
import { BULK_CHUNK_LINES, BULK_CHUNKS_AT_ONCE } from './bulk-limits.ts'
import { createBulkSource } from './bulk-source.ts'
import type { InstanceRegistration } from './registration.ts'

const ONTOLOGY = '1.2.156.3088.1.1.34C2.478BDF.0'
const read = readSubject('1.2.156.3088.1.1.34C2.478BDF.3GF546')
if (read.kind === 'malformed') throw new Error('the example is malformed')
const assigned: Settled = {
  kind: 'assigned',
  subject: read,
  record: 'a.b.c' as CompactJws,
  replayed: false,
}

const assignAll: AssignBatch<InstanceRegistration> = async (submissions) => submissions.map(() => assigned)

function partsOf(
  lines: Iterable<string>,
  assignBatch: AssignBatch<InstanceRegistration> = assignAll,
): { parts: BulkParts; linesTaken: () => number; logged: string[] } {
  const rest = lines[Symbol.iterator]()
  let taken = 0
  const logged: string[] = []
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const line = rest.next()
        if (line.done === true) return controller.close()
        taken++
        controller.enqueue(new TextEncoder().encode(`${line.value}\n`))
      },
    },
    { highWaterMark: 0 },
  )
  const log = createLog({
    level: 'debug',
    service: 'test',
    destination: { write: (line) => void logged.push(line) },
  })
  const parts: BulkParts = {
    source: createBulkSource(body),
    assignBatch,
    ontology: { text: ONTOLOGY, requester: 1, ontology: 1 },
    requesterId: 'r',
    path: '/v1/x',
    log,
    demandStillAllowed: () => Promise.resolve(),
    reached: () => undefined,
  }
  return { parts, linesTaken: () => taken, logged }
}

function* keys(count: number): Iterable<string> {
  for (let nth = 1; nth <= count; nth++) yield JSON.stringify({ key: `k${nth}` })
}

/** What comes out: the objects of its lines, and what it threw at the end. */
async function outcome(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ lines: Record<string, unknown>[]; thrown: unknown }> {
  let text = ''
  let thrown: unknown
  try {
    for await (const piece of stream) text += new TextDecoder().decode(piece)
  } catch (error) {
    thrown = error
  }
  const lines = text.split('\n').slice(0, -1)
  return { lines: lines.map((line) => ({ ...(JSON.parse(line) as object) })), thrown }
}

function codeOf(problem: unknown): unknown {
  return typeof problem === 'object' && problem !== null && 'code' in problem ? problem.code : undefined
}

const signal = () => new AbortController().signal

describe('a stream of registrations', () => {
  test('is answered line for line, in order, and summed up at the end', async () => {
    const { parts } = partsOf([
      ...keys(3),
      '{"key":"a","key":"b"}',
      '[]',
      '{"key":"x","serial":"01"}',
      '{"key":"é"}',
    ])
    const { lines, thrown } = await outcome(answerBulk(parts, signal()))
    expect(thrown).toBeUndefined()
    expect(lines.slice(0, 3)).toEqual(
      ['k1', 'k2', 'k3'].map((key, nth) => ({ line: nth + 1, key, code: read.text, record: 'a.b.c' })),
    )
    expect(lines.slice(3).map(({ line, key, problem }) => [line, key, codeOf(problem)])).toEqual([
      [4, undefined, 'request-invalid'],
      [5, undefined, 'request-invalid'],
      [6, 'x', 'code-malformed'],
      [7, 'é', 'request-invalid'],
      [undefined, undefined, undefined],
    ])
    expect(lines.at(-1)).toEqual({ lines: 7, assigned: 3, replayed: 0, refused: 4 })
  })

  test('without a line is summed up all the same', async () => {
    expect(await outcome(answerBulk(partsOf([]).parts, signal()))).toEqual({
      lines: [{ lines: 0, assigned: 0, replayed: 0, refused: 0 }],
      thrown: undefined,
    })
  })

  test('is read only as far as it is answered: a few chunks, whatever the sender has', async () => {
    const { parts, linesTaken } = partsOf(keys(100_000))
    const answers = answerBulk(parts, signal())
    await answers.next()
    await new Promise((resolve) => setTimeout(resolve, 100))
    // The answered chunk, those under way, and the one that was read ahead.
    expect(linesTaken()).toBeLessThanOrEqual((BULK_CHUNKS_AT_ONCE + 2) * BULK_CHUNK_LINES)
    await answers.return(undefined)
  })

  test('keeps its order when a later chunk is done before an earlier one', async () => {
    const first = Promise.withResolvers<void>()
    let chunks = 0
    const { parts } = partsOf(keys(2 * BULK_CHUNK_LINES), async (submissions) => {
      if (chunks++ === 0) await first.promise
      else first.resolve()
      return submissions.map(() => assigned)
    })
    const { lines } = await outcome(answerBulk(parts, signal()))
    expect(lines.slice(0, -1).map(({ line }) => line)).toEqual(
      Array.from({ length: 2 * BULK_CHUNK_LINES }, (_, nth) => nth + 1),
    )
  })
})

describe('a failure', () => {
  test('of one line is answered at its place, logged, and the rest goes on', async () => {
    const { parts, logged } = partsOf(keys(3), async (submissions) =>
      submissions.map((_, nth) => (nth === 1 ? { kind: 'failed', error: new Error('secret') } : assigned)),
    )
    const { lines, thrown } = await outcome(answerBulk(parts, signal()))
    expect(thrown).toBeUndefined()
    expect(lines[1]).toMatchObject({ line: 2, key: 'k2', problem: { code: 'internal' } })
    expect(lines.at(-1)).toEqual({ lines: 3, assigned: 2, replayed: 0, refused: 1 })
    expect([JSON.stringify(lines).includes('secret'), logged.join().includes('secret')]).toEqual([
      false,
      true,
    ])
  })

  test.each([
    ['of a whole chunk', () => ({ kind: 'failed', error: new Error('disk full') }) as const, 'internal'],
    [
      'of the database',
      (nth: number) =>
        nth === 0
          ? ({ kind: 'failed', error: new RegistryError('service-unavailable', 'away') } as const)
          : assigned,
      'service-unavailable',
    ],
  ])(
    '%s ends the stream with the problem alone: no summary, and what throws cuts it',
    async (_, settle, code) => {
      let chunks = 0
      const { parts } = partsOf(keys(BULK_CHUNK_LINES + 5), async (submissions) =>
        chunks++ === 0 ? submissions.map(() => assigned) : submissions.map((__, nth) => settle(nth)),
      )
      const { lines, thrown } = await outcome(answerBulk(parts, signal()))
      expect(lines).toHaveLength(BULK_CHUNK_LINES + 1)
      expect(Object.keys(lines.at(-1) ?? {})).toEqual(['problem'])
      expect(lines.at(-1)).toMatchObject({ problem: { code } })
      expect(thrown).toBeInstanceOf(Error)
    },
  )

  test('of the credential stops the stream between two chunks', async () => {
    const { parts } = partsOf(keys(3 * BULK_CHUNK_LINES))
    let asked = 0
    const demandStillAllowed = async () => {
      if (++asked > 1) throw new RegistryError('unauthenticated', 'revoked')
    }
    const { lines } = await outcome(answerBulk({ ...parts, demandStillAllowed }, signal()))
    expect(lines).toHaveLength(BULK_CHUNK_LINES + 1)
    expect(lines.at(-1)).toMatchObject({ problem: { code: 'unauthenticated' } })
  })
})
