import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  createTestDatabase,
  freePort,
  type TestDatabase,
  createTestKeys,
  createTestOfficers,
  signFirstKeySet,
} from '@arc3088/testkit'

import { readJson, type Answer } from './answers.ts'
import { nodeProcess } from './node-process.ts'

/** The tables of a root that a test looks behind the back of. */
export interface RootTablesSeen {
  status_entry: { list: number; index: number; status: number; changed_at: Date }
  status_change: { list: number; index: number; status: number; changed_at: Date }
  assignment_record: { provider: number; status_list: number; status_index: number }
}

/** A root as its operator runs it: a process of its own, since apps meet over HTTP alone. */
export interface RootProcess extends AsyncDisposable {
  readonly url: string
  /** What a provider pins. */
  readonly anchorText: string
  readonly database: TestDatabase<RootTablesSeen>
  post(officer: 'ann' | 'bo', path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  get(officer: 'ann' | 'bo', path: string): Promise<Answer>
  /** Has what ann proposed signed by her, and approved by bo; answers the approval. */
  decide(proposal: Answer): Promise<Answer>
  /** Has an act proposed by ann decided by both, and answers the approval. */
  act(kind: string, ask: object): Promise<Answer>
  stop(): Promise<void>
  start(): Promise<void>
  /** Runs another command of it; rejects with what it printed where it fails. */
  run(...args: string[]): Promise<string>
  /** The same, by a clock that goes so many seconds fast. */
  runLater(seconds: number, ...args: string[]): Promise<string>
}

/** What lets a process begin with a clock that goes so many seconds fast. */
function fastClock(seconds: number): string {
  const program = `const Now = Date, fast = ${seconds * 1000}
globalThis.Date = class extends Now {
  constructor(...given) { given.length === 0 ? super(Now.now() + fast) : super(...given) }
  static now() { return Now.now() + fast }
}`
  return `--import data:text/javascript,${encodeURIComponent(program)}`
}

/** Starts a root with two officers; evidence below it needs proofs from logs where a quorum is given. */
export async function startRootProcess({ logQuorum = 1 } = {}): Promise<RootProcess> {
  const database = await createTestDatabase<RootTablesSeen>({
    template: 'root_process',
    migrate: (_, ownerUrl) =>
      nodeProcess('root', { ENTITY_ID: '', MIGRATION_DATABASE_URL: ownerUrl }).run('migrate'),
  })
  const keys = await createTestKeys(['root', 'federation', 'issuing', 'status', 'tlog'])
  const folder = mkdtempSync(join(tmpdir(), 'arc3088-root-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const keySets = await signFirstKeySet(
    url,
    { root: keys.signer('root'), federation: keys.signer('federation') },
    Math.floor(Date.now() / 1000) - 60,
  )
  const keySetsFile = join(folder, 'key-sets.json')
  writeFileSync(keySetsFile, keySets)
  const environment = {
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    ALLOW_LOOPBACK_HTTP: 'true',
    ENTITY_ID: url,
    DATABASE_URL: database.appUrl,
    KEYS_DIR: keys.directory,
    JOURNAL_DIR: join(keys.directory, 'journal'),
    LOG_QUORUM: String(logQuorum),
    ROOT_KEY_SETS_FILE: keySetsFile,
  }
  const { run, start, stop } = nodeProcess('root', environment)
  const officers = await createTestOfficers()
  const [ann = '', bo = ''] = (await run(...officers.command)).trim().split('\n')
  const tokens = { ann, bo }
  await start()
  const post: RootProcess['post'] = async (officer, path, body, headers = {}) =>
    await readJson(
      await fetch(`${url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${tokens[officer]}`,
          'content-type': 'application/json',
          ...headers,
        },
        body: JSON.stringify(body),
      }),
    )
  const get: RootProcess['get'] = async (officer, path) =>
    await readJson(await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${tokens[officer]}` } }))
  const decide: RootProcess['decide'] = async (answer) => {
    if (answer.status !== 201) throw new Error(answer.text)
    const proposal = JSON.parse(answer.text) as {
      id: string
      kind: string
      payload: object
      hash: string
    } & {
      decision: { payload: string }
    }
    const path = `/v1/desk/proposals/${proposal.id}`
    const { hash } = proposal
    const signed = await post('ann', `${path}/sign`, {
      hash,
      signature: await officers.sign('ann', proposal),
    })
    if (signed.status !== 200) throw new Error(signed.text)
    const approval = await post(
      'bo',
      `${path}/approve`,
      { hash, reason: 'agreed', signature: await officers.sign('bo', proposal) },
      { 'idempotency-key': proposal.id },
    )
    if (approval.status !== 201) throw new Error(approval.text)
    return approval
  }
  return {
    url,
    anchorText: JSON.stringify((JSON.parse(keySets) as unknown[])[0]),
    database,
    start,
    stop,
    run,
    runLater: async (seconds, ...args) =>
      await nodeProcess('root', { ...environment, NODE_OPTIONS: fastClock(seconds) }).run(...args),
    post,
    get,
    decide,
    act: async (kind, ask) =>
      await decide(await post('ann', '/v1/desk/proposals', { kind, ask, reason: 'as was asked' })),
    async [Symbol.asyncDispose]() {
      await stop()
      await database.drop()
      keys[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
