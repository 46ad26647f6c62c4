import { readSubject } from '@arc3088/codec'
import {
  readResolutionAnswer,
  readLogEntry,
  type LogEntry,
  type ResolutionAnswer,
  type StatusValue,
} from '@arc3088/records'
import { ANYONE, createLog, createMetrics, createServiceApp, systemAmbient } from '@arc3088/service'
import { createClock, type Clock, type TestDatabase } from '@arc3088/testkit'
import { hashLeaf, parseTlogProof, parseVkey, verifyTlogProof } from '@arc3088/tlog'

import { codeKeyOf, codeRoutes, collectEvidence, readStoredRecord, type IssuerTables } from '../src/index.ts'
import { codeHistoryRoutes } from '../src/resolution/history.route.ts'
import type { NodeLog } from '../src/log/node-log.ts'
import type { CodeAuthority } from '../src/resolution/answer-code.ts'
import { setStatusMany } from '../src/status/set-status.ts'
import { createStatusLists } from '../src/status/status-lists.ts'
import { createStatusKey, statusListUri } from './status-fixture.ts'
import type { TestProcess } from './test-issuer.ts'

/** The public routes of codes over a database, at an hour that the test sets. */
export interface CodeService {
  readonly clock: Clock
  get(path: string, accept?: string): Promise<Response>
  /** The signed answer about a code, read. */
  ask(code: string, at?: number | string): Promise<ResolutionAnswer>
}

const ANSWER = 'application/agent-code-resolution+jwt'

/** Serves the codes of a process. */
export async function serveCodes(
  database: TestDatabase<IssuerTables>,
  process: TestProcess,
  extra: Pick<CodeAuthority, 'log' | 'isLost'> = {},
): Promise<CodeService> {
  const clock = createClock()
  const ambient = { ...systemAmbient(), now: clock.now }
  const { db } = database
  const authority: CodeAuthority = {
    db,
    entityId: process.issuing.entityId,
    prefix: process.issuing.prefix,
    signer: process.issuing.signer(),
    answersFor: (subject) => subject.level !== 'provider',
    ...extra,
  }
  const key = await createStatusKey()
  const lists = createStatusLists({
    db,
    ambient,
    signer: () => key,
    entityId: authority.entityId,
    ttlSeconds: 300,
    statusListUri,
  })
  const app = createServiceApp({
    ambient,
    log: createLog({ level: 'silent', service: 'test' }),
    metrics: createMetrics('test'),
    permissions: {},
    authenticate: () => Promise.resolve(ANYONE),
  })
  const above = { records: [], chains: [], root_keys: [], status_list_tokens: [] }
  app.route(
    '/',
    codeRoutes({
      authority: () => authority,
      evidence: (subject) => collectEvidence(authority, lists.sign, subject, above),
    }),
  )
  app.route('/', codeHistoryRoutes({ authority: () => authority }))
  const get = async (path: string, accept = '*/*') => await app.request(path, { headers: { accept } })
  return {
    clock,
    get,
    async ask(code, at) {
      const query = at === undefined ? '' : `?at=${encodeURIComponent(at)}`
      const response = await get(`/v1/codes/${code}${query}`, ANSWER)
      const read = readResolutionAnswer(await response.text())
      if (read.kind === 'rejected') throw new Error(read.detail)
      return read.claims
    },
  }
}

/** Gives a code a status at an instant, as an act of its life does. */
export async function live(
  database: TestDatabase<IssuerTables>,
  process: TestProcess,
  code: string,
  steps: readonly (readonly [at: number, value: StatusValue])[],
): Promise<void> {
  const subject = readSubject(code, { prefixes: [process.issuing.prefix] })
  if (subject.kind === 'malformed') throw new Error(subject.reason)
  const stored = await readStoredRecord(database.db, codeKeyOf(subject))
  if (stored === undefined) throw new Error(`${code} was never assigned`)
  for (const [at, value] of steps) {
    await database.db
      .transaction()
      .execute((tx) =>
        setStatusMany(tx, process.issuing.ambient, [
          { subject, status: stored.status, value, at: new Date(at * 1000), logName: subject.text },
        ]),
      )
  }
}

/** The entry that a proof proves, once the log's key and the path to its checkpoint have been verified. */
export async function provenEntry(log: NodeLog, proofText: string | undefined): Promise<LogEntry> {
  const parsed = parseTlogProof(proofText ?? '')
  const logKey = parseVkey(log.vkey)
  if (proofText === undefined || parsed?.extra === undefined || logKey === undefined) {
    throw new Error('there is no proof')
  }
  const verdict = await verifyTlogProof({
    proofText,
    leaf: hashLeaf(parsed.extra),
    origin: log.origin,
    logKeys: [logKey],
    policy: { witnesses: [], quorum: 0 },
  })
  if (verdict.kind === 'rejected') throw new Error(verdict.detail)
  const entry = readLogEntry(new TextDecoder().decode(parsed.extra))
  if (entry === undefined) throw new Error('what was proven is no entry')
  return entry
}
