import { createHash } from 'node:crypto'

import { connect, migrateAll } from '@arc3088/db'
import {
  createMemorySigner,
  formatLogEntry,
  generateSigningKey,
  type LogEntry,
  type Signer,
} from '@arc3088/records'
import { createLog, systemAmbient, type Ambient } from '@arc3088/service'
import { createTestDatabase, type TestDatabase } from '@arc3088/testkit'
import {
  COSIGNATURE_ALGORITHM,
  cosignCheckpoint,
  createNoteSigner,
  EMPTY_ROOT,
  equalBytes,
  hashLeaf,
  parseCheckpoint,
  parseNote,
  parseVkey,
  verifyConsistency,
  verifyNote,
  verifyTlogProof,
  type Hash,
} from '@arc3088/tlog'
import { expect } from 'vitest'

import { ISSUER_MIGRATIONS } from '../src/db/migrations/index.ts'
import type { IssuerTables } from '../src/db/tables.ts'
import { queueEntries } from '../src/log/log-queue.store.ts'
import { createNodeLog, type NodeLog, type NodeLogParts } from '../src/log/node-log.ts'
import type { AskWitness, WitnessAddress, WitnessAnswer } from '../src/witness/ask-witness.ts'

export const TEST_ORIGIN = 'p1.example/tlog'

export type LogDatabase = TestDatabase<IssuerTables>

/** A migrated database of its own. */
export async function createLogDatabase(): Promise<LogDatabase> {
  return await createTestDatabase<IssuerTables>({
    template: 'issuer',
    migrate: (owner) => migrateAll(owner, [ISSUER_MIGRATIONS]),
  })
}

/** An Ed25519 key as KEYS_DIR would hold it. */
export async function createEd25519Signer(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('Ed25519')
  return await createMemorySigner({ alg: 'Ed25519', privateJwk })
}

/** One process of a node, as far as the log goes: its own pools, over the database and the journal that all share. */
export interface LogProcess extends AsyncDisposable {
  readonly log: NodeLog
  /** What it held against itself, in words. */
  readonly contradictions: string[]
}

export interface LogProcessOptions extends Partial<NodeLogParts> {
  readonly key: Signer
  readonly reached?: (step: string) => void
  readonly journal?: NodeLogParts['journal']
}

/** Opens a process; nothing runs before its `start` or `drainNow`. `reached` may throw where a crash is wanted. */
export function openLogProcess(database: LogDatabase, options: LogProcessOptions): LogProcess {
  const ambient: Ambient = { ...systemAmbient(), reached: options.reached ?? (() => undefined) }
  const open = (max: number, name: string) =>
    connect<IssuerTables>({
      url: database.appUrl,
      max,
      applicationName: name,
      onIdleError: () => undefined,
    })
  const [db, leaderDb] = [open(4, 'log-test'), open(1, 'log-test-leader')]
  const contradictions: string[] = []
  const { key, reached: _reached, ...rest } = options
  const log = createNodeLog({
    db,
    leaderDb,
    ambient,
    log: createLog({ level: 'silent', service: 'test' }),
    origin: TEST_ORIGIN,
    signer: () => key,
    journal: createTestJournal(),
    witnesses: () => Promise.resolve([]),
    quorum: () => 0,
    askWitness: () => Promise.resolve({ kind: 'unreachable', detail: 'there is no witness' }),
    onContradiction: (detail) => contradictions.push(detail),
    ...rest,
  })
  return {
    log,
    contradictions,
    async [Symbol.asyncDispose]() {
      await log.stop()
      await Promise.all([db.destroy(), leaderDb.destroy()])
    },
  }
}

/** Remembers what it was told, in order. */
export interface TestJournal {
  readonly lines: ({ from: number; entries: readonly string[] } | { note: string })[]
  appended(drain: { from: number; entries: readonly string[] }): Promise<void>
  checkpoint(note: string): Promise<void>
}

export function createTestJournal(): TestJournal {
  const lines: TestJournal['lines'] = []
  return {
    lines,
    appended: (drain) => Promise.resolve(void lines.push(drain)),
    checkpoint: (note) => Promise.resolve(void lines.push({ note })),
  }
}

/** An entry that no other call makes again, unless it is given the same name. */
export function entryOf(name: string, t: LogEntry['t'] = 'assign'): LogEntry {
  return {
    v: 1,
    t,
    c: `1.2.156.3088.1.1.${name}`,
    h: recordHashOf(name).toString('base64url'),
    i: 1_790_000_000,
  }
}

/** What stands for the hash of the record of that name. */
export function recordHashOf(name: string): Buffer {
  return createHash('sha256').update(name).digest()
}

/** Queues entries as one transaction does. */
export async function queue(database: LogDatabase, names: readonly string[]): Promise<void> {
  await database.db.transaction().execute((tx) =>
    queueEntries(
      tx,
      names.map((name) => entryOf(name)),
      new Date('2026-11-22T09:00:00Z'),
    ),
  )
}

/** `prefix-0` … as one row of the queue each, or as rows of `perRow`. */
export async function queueMany(
  database: LogDatabase,
  prefix: string,
  count: number,
  perRow = 1,
): Promise<string[]> {
  const names = Array.from({ length: count }, (_, nth) => `${prefix}-${nth}`)
  for (let at = 0; at < count; at += perRow) await queue(database, names.slice(at, at + perRow))
  return names
}

/** The names in the log, in its order, as far as it is published. */
export async function namesInLog(log: NodeLog): Promise<string[]> {
  const { size } = await log.head()
  return (await log.entries(0, size)).map((text) =>
    (JSON.parse(text) as LogEntry).c.slice('1.2.156.3088.1.1.'.length),
  )
}

/** Holds the proof of a record against the log's key, as a verifier does; answers its index. */
export async function expectProven(
  log: NodeLog,
  name: string,
  {
    proof,
    witnesses = [],
    t = 'assign',
  }: { proof?: string; witnesses?: readonly string[]; t?: LogEntry['t'] } = {},
): Promise<number> {
  const text = proof ?? (await log.proofOf(recordHashOf(name), { type: t }))
  const logKey = parseVkey(log.vkey)
  const keys = witnesses.map((vkey) => parseVkey(vkey))
  if (logKey === undefined || text === undefined) throw new Error(`there is no proof of ${name}`)
  const verdict = await verifyTlogProof({
    proofText: text,
    leaf: hashLeaf(new TextEncoder().encode(formatLogEntry(entryOf(name, t)))),
    origin: log.origin,
    logKeys: [logKey],
    policy: { witnesses: keys.filter((key) => key !== undefined), quorum: witnesses.length },
  })
  if (verdict.kind === 'rejected') throw new Error(`${name}: ${verdict.detail}`)
  return verdict.index
}

/** A witness that holds checkpoints against each other as C2SP tlog-witness says, in memory. */
export interface TestWitness {
  readonly address: WitnessAddress
  readonly ask: AskWitness
  /** What it saw last. */
  seen: { size: number; root: Hash }
  /** Sizes that it cosigned, in order. */
  readonly cosigned: number[]
}

export async function createTestWitness(name: string, logKey: Signer): Promise<TestWitness> {
  const signer = await createEd25519Signer()
  const publicKey = Buffer.from(signer.publicJwk.x, 'base64url')
  const noteSigner = createNoteSigner({
    name,
    publicKey,
    algorithm: COSIGNATURE_ALGORITHM,
    sign: (message) => signer.sign(message),
  })
  const logVkey = createNoteSigner({
    name: TEST_ORIGIN,
    publicKey: Buffer.from(logKey.publicJwk.x, 'base64url'),
    algorithm: 1,
    sign: (message) => logKey.sign(message),
  }).vkey
  const verifierKey = parseVkey(logVkey)
  const witness: TestWitness = {
    address: { vkey: noteSigner.vkey, url: `https://${name}/` },
    seen: { size: 0, root: EMPTY_ROOT },
    cosigned: [],
    async ask(_address, { oldSize, proof, checkpoint }): Promise<WitnessAnswer> {
      const note = parseNote(checkpoint)
      const claimed = parseCheckpoint(note?.body ?? '')
      if (
        note === undefined ||
        claimed === undefined ||
        verifierKey === undefined ||
        !(await verifyNote(note, verifierKey))
      ) {
        return { kind: 'refused', status: 403, detail: 'not signed by the log' }
      }
      const { size, root } = claimed
      const { seen } = witness
      if (oldSize !== seen.size) return { kind: 'conflict', size: seen.size }
      if (size === seen.size && !equalBytes(root, seen.root)) return { kind: 'conflict', size: seen.size }
      if (!verifyConsistency({ fromSize: oldSize, fromRoot: seen.root, toSize: size, toRoot: root, proof })) {
        return { kind: 'refused', status: 422, detail: 'the proof is wrong' }
      }
      witness.seen = { size, root }
      witness.cosigned.push(size)
      const timestamp = Math.floor(Date.now() / 1000)
      return { kind: 'cosigned', line: await cosignCheckpoint(note.body, noteSigner, timestamp), timestamp }
    },
  }
  return witness
}

/** What a process is given to be witnessed. */
export function witnessedBy(
  witnesses: readonly TestWitness[],
  quorum: number,
): Pick<NodeLogParts, 'witnesses' | 'quorum' | 'askWitness'> {
  return {
    witnesses: () => Promise.resolve(witnesses.map(({ address }) => address)),
    quorum: () => quorum,
    async askWitness(address, request) {
      const witness = witnesses.find((candidate) => candidate.address.vkey === address.vkey)
      expect(witness).toBeDefined()
      return (await witness?.ask(address, request)) ?? { kind: 'unreachable', detail: 'unknown' }
    },
  }
}
