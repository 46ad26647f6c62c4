import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { arch, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  asInstanceNumber,
  asOntologyNumber,
  asProviderNumber,
  asRequesterNumber,
  buildCode,
  createCodeBatch,
  HOME_PREFIX,
  type IdentityCode,
  readCode,
  readCodes,
} from '@arc3088/codec'
import { parse as parseUuid, stringify as stringifyUuid, validate as validateUuid } from 'uuid'

import { type BenchFigure, type BenchResult, ratioOfRounds, summarise } from './bench-result.ts'
import { seededRandom } from './seeded-random.ts'

const SEED = 3088
/** Fits the second-level cache with its results, as a request's or a page's worth of codes does. */
const SIZE = 4096
const ROUNDS = 15
const ROUND_MS = 80
/** One text in five is refused. */
const INVALID_IN = 5

interface Contender {
  readonly name: string
  /** Does the work once over all inputs; the sum keeps the work from being optimised away. */
  pass(): number
}

/** The codec row of the speed goals: text to object, bytes to columns, numbers to text. */
export async function run(): Promise<BenchResult> {
  const random = seededRandom(SEED)
  const codes = Array.from({ length: SIZE }, () => randomCode(random, ANNEX_C_RANGES))
  const texts = codes.map((code, i) => offTheWire(mixed(code.text, i, random)))
  const uuids = Array.from({ length: SIZE }, () =>
    stringifyUuid(
      Uint8Array.from({ length: 16 }, () => random(256))
        .fill(0x40, 6, 7)
        .fill(0x80, 8, 9),
    ),
  )
  const validUuids = uuids.map(offTheWire)
  const mixedUuids = uuids.map((uuid, i) => offTheWire(mixed(uuid, i, random)))
  const wild = Array.from({ length: SIZE }, () => randomCode(random, ANY_WIDTH_RANGES))
  const wildTexts = wild.map((code, i) => offTheWire(mixed(code.text, i, random)))
  const lowerTexts = codes.map((code) => offTheWire(code.text.toLowerCase()))
  const accepted = texts.filter((text) => readCode(text).kind === 'code').length

  const bytes = new TextEncoder().encode(texts.map((text) => `${text}\n`).join(''))
  const batch = createCodeBatch(SIZE)
  // A loop of its own for each, as callers have it: a shared one would call through a pointer that nothing can inline.
  const contenders: readonly Contender[] = [
    {
      name: 'read',
      pass: () => {
        let read = 0
        for (const text of texts) if (readCode(text).kind === 'code') read++
        return read
      },
    },
    {
      name: 'uuid validate',
      pass: () => {
        let valid = 0
        for (const uuid of mixedUuids) if (validateUuid(uuid)) valid++
        return valid
      },
    },
    {
      name: 'uuid parse',
      pass: () => {
        let parsed = 0
        for (const uuid of validUuids) parsed += parseUuid(uuid).length
        return parsed
      },
    },
    {
      name: 'batch',
      pass: () => {
        if (readCodes(bytes, batch) !== bytes.length || batch.count !== SIZE)
          throw new Error('lines were left')
        return batch.count
      },
    },
    {
      name: 'read any width',
      pass: () => {
        let read = 0
        for (const text of wildTexts) if (readCode(text).kind === 'code') read++
        return read
      },
    },
    {
      name: 'read lower case',
      pass: () => {
        let read = 0
        for (const text of lowerTexts) if (readCode(text).kind === 'code') read++
        return read
      },
    },
    {
      name: 'format',
      pass: () => {
        let length = 0
        for (const code of codes) length += buildCode(code).text.length
        return length
      },
    },
  ]
  const c = await compileScan(bytes)
  const measured = measure(contenders, c?.scan)
  await c?.remove()
  if (c !== undefined && c.accepted() !== accepted) throw new Error('the C peer accepts other codes')

  const rounds = (name: string): readonly number[] => measured.get(name) ?? []
  const rate = (name: string): { figure: number; spread: number } => summarise(rounds(name))
  const against = (work: string, name: string, peer: string, goal: number): BenchFigure => {
    const ratio = ratioOfRounds(rounds(name), rounds(peer))
    return { work, ...rate(name), unit: 'codes/s', peer, peerFigure: rate(peer).figure, ratio, goal }
  }
  return {
    row: 'codec',
    setting: {
      seed: SEED,
      codes: SIZE,
      refused: SIZE - accepted,
      rounds: ROUNDS,
      node: process.version,
      cpu: cpus()[0]?.model ?? arch(),
    },
    figures: [
      against('text to object, mixed', 'read', 'uuid validate', 1.8),
      against('text to object, mixed (parse)', 'read', 'uuid parse', 7),
      c === undefined
        ? { work: 'bytes to columns, mixed', ...rate('batch'), unit: 'codes/s' }
        : against('bytes to columns, mixed', 'batch', 'single-pass C', 0.28),
      { work: 'text to object, any width', ...rate('read any width'), unit: 'codes/s' },
      { work: 'text to object, lower case', ...rate('read lower case'), unit: 'codes/s' },
      { work: 'numbers to text', ...rate('format'), unit: 'codes/s' },
    ],
    notes: [
      'uuid parse is given valid UUIDs only: it throws at others, which is slower still.',
      ...(c === undefined ? ['no C compiler here: the batch figure stands alone.'] : []),
    ],
  }
}

/** Numbers drawn evenly below these, so that most are as wide as those of annex C: 34C2.478BDF.3GF546. */
const ANNEX_C_RANGES = { provider: [2], requester: [4], ontology: [6], instance: [6] } as const
/** Every width equally likely: the branches of any reader are then guessed wrong once a segment. */
const ANY_WIDTH_RANGES = {
  provider: [1, 2, 3, 4, 5],
  requester: [1, 2, 3, 4, 5, 6],
  ontology: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  instance: [1, 2, 3, 4, 5, 6, 7, 8, 9],
} as const

type Ranges = Readonly<Record<keyof typeof ANNEX_C_RANGES, readonly number[]>>

/** One code in eight is that of an ontology. */
function randomCode(random: (below: number) => number, ranges: Ranges): IdentityCode {
  const draw = (widths: readonly number[]): number =>
    1 + random(36 ** (widths[random(widths.length)] ?? 1) - 1)
  return buildCode({
    prefix: HOME_PREFIX,
    provider: asProviderNumber(draw(ranges.provider)),
    requester: asRequesterNumber(draw(ranges.requester)),
    ontology: asOntologyNumber(draw(ranges.ontology)),
    instance: asInstanceNumber(random(8) === 0 ? 0 : draw(ranges.instance)),
  })
}

function mixed(text: string, i: number, random: (below: number) => number): string {
  return i % INVALID_IN === 0 ? damaged(text, random) : text
}

/** A flat string of one-byte characters, as a parser of HTTP or JSON hands it over, and not a rope of the parts it was built from. */
function offTheWire(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

/** One character overwritten by what stands in no code, or the end cut off. */
function damaged(text: string, random: (below: number) => number): string {
  const at = random(text.length)
  return random(2) === 0 ? `${text.slice(0, at)}_${text.slice(at + 1)}` : text.slice(0, Math.min(at, 25))
}

/** Rounds alternate between the contenders, so that a noisy moment of the machine meets all of them. */
function measure(contenders: readonly Contender[], scanC: (() => number) | undefined): Map<string, number[]> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (const contender of contenders) ratePerSecond(contender)
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of contenders) rates.get(contender.name)?.push(ratePerSecond(contender))
    if (scanC !== undefined) rates.set('single-pass C', [...(rates.get('single-pass C') ?? []), scanC()])
  }
  return rates
}

function ratePerSecond(contender: Contender): number {
  const from = performance.now()
  let passes = 0
  let until = from
  while (until - from < ROUND_MS) {
    if (contender.pass() === 0) throw new Error(`${contender.name} did nothing`)
    passes++
    until = performance.now()
  }
  return (passes * SIZE) / ((until - from) / 1000)
}

interface CompiledScan {
  scan(): number
  /** How many lines it accepted in the last scan. */
  accepted(): number
  remove(): Promise<void>
}

/** The C peer, compiled for this run; undefined where there is no compiler. */
async function compileScan(bytes: Uint8Array): Promise<CompiledScan | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'arc3088-bench-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true })
  const program = join(folder, 'scan')
  const file = join(folder, 'codes.txt')
  try {
    execFileSync('cc', ['-O2', '-o', program, join(import.meta.dirname, 'peers/codec/scan.c')], {
      stdio: 'pipe',
    })
  } catch (error) {
    await remove()
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  await writeFile(file, bytes)
  let accepted = 0
  return {
    scan: () => {
      const [rate, kept] = execFileSync(program, [file, '1000'], { encoding: 'utf8' }).split(' ').map(Number)
      accepted = kept ?? 0
      return rate ?? 0
    },
    accepted: () => accepted,
    remove,
  }
}
