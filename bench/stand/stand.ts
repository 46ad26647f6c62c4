import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { BenchOptions } from '../bench-options.ts'
import { appointProvider } from './appoint-provider.ts'
import { callerOf, type Caller } from './caller.ts'
import { startDurablePostgres, type BenchDatabase, type DurablePostgres } from './durable-postgres.ts'
import { freePort } from './free-port.ts'
import { makeOfficers } from './officers.ts'
import { nodeEnvironment } from './node-environment.ts'
import { makeNodeKeys, signFirstKeySet } from './node-keys.ts'
import { nodeProcess, programOf, waitUntilOk, type NodeProcess } from './node-process.ts'
import { enrolRequester, type StandRequester } from './requester.ts'

/** A node of the stand. */
export interface StandNode {
  readonly url: string
  readonly port: number
  readonly process: NodeProcess
  readonly database: BenchDatabase
}

/** A federation of one root and one appointed provider, each a process of its own, over a durable server. */
export interface Stand extends AsyncDisposable {
  readonly postgres: DurablePostgres
  readonly root: StandNode
  readonly provider: StandNode
  /** Of the provider. */
  readonly reviewer: Caller
  readonly requesters: readonly StandRequester[]
  /** For files of the benchmark; goes with the stand. */
  readonly folder: string
  /** Starts a resolver that pins the root. */
  startResolver(): Promise<{ readonly url: string; readonly port: number }>
}

/** Starts all of it and enrols so many requesters, all over public APIs, as operators and requesters do. */
export async function startStand(options: BenchOptions, requesters = 1): Promise<Stand> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'arc3088-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const postgres = stack.use(await startDurablePostgres())

  const place = async (name: string) => {
    const port = await freePort()
    const folders = { keys: join(folder, name, 'keys'), journal: join(folder, name, 'journal') }
    await mkdir(folders.journal, { recursive: true })
    const federation = await makeNodeKeys(folders.keys)
    const database = await postgres.createDatabase(name)
    return { port, url: `http://127.0.0.1:${port}`, folders, federation, database }
  }
  const [rootPlace, providerPlace] = [await place('root'), await place('provider')]
  const anchor = await signFirstKeySet(rootPlace.url, rootPlace.federation)
  const [anchorFile, keySetsFile] = [join(folder, 'anchor.json'), join(folder, 'key-sets.json')]
  await writeFile(anchorFile, anchor)
  await writeFile(keySetsFile, `[${anchor}]`)
  const belowRoot = { url: rootPlace.url, anchorFile }

  async function begin(
    app: 'root' | 'provider',
    at: typeof rootPlace,
    more: Pick<Parameters<typeof nodeEnvironment>[0], 'root' | 'belowRoot'>,
    desk: readonly [string, ...string[]],
  ): Promise<{ node: StandNode; desk: Caller[] }> {
    const { url, port, folders, database } = at
    const environment = nodeEnvironment({ url, port, folders, databaseUrl: database.appUrl, ...more })
    const program = programOf(app, options.fromSource)
    const owning = { ...environment, ENTITY_ID: url, MIGRATION_DATABASE_URL: database.ownerUrl }
    await nodeProcess(program, owning).run('migrate')
    const running = nodeProcess(program, { ...environment, ENTITY_ID: url })
    const tokens = (await running.run(...desk)).trim().split('\n')
    stack.defer(() => running.stop())
    await running.start()
    return {
      node: { url, port, process: running, database },
      desk: tokens.map((token) => callerOf(url, token)),
    }
  }

  const officers = await makeOfficers(join(folder, 'officers'))
  const root = await begin('root', rootPlace, { root: { keySetsFile } }, officers.command)
  const provider = await begin('provider', providerPlace, { belowRoot }, [
    'operator:create',
    '--role',
    'reviewer',
    '--name',
    'rita',
  ])
  const [ann, bo] = root.desk
  const [reviewer] = provider.desk
  if (ann === undefined || bo === undefined || reviewer === undefined) throw new Error('a token is missing')
  await appointProvider({
    root: { url: rootPlace.url, officers: [ann, bo], sign: officers.sign },
    provider: { url: providerPlace.url, federation: providerPlace.federation },
  })
  await waitUntilOk(`${providerPlace.url}/readyz`)
  const enrolled: StandRequester[] = []
  for (let nth = 0; nth < requesters; nth++) enrolled.push(await enrolRequester(providerPlace.url, reviewer))

  const kept = stack.move()
  return {
    postgres,
    root: root.node,
    provider: provider.node,
    reviewer,
    requesters: enrolled,
    folder,
    async startResolver() {
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const environment = nodeEnvironment({ url, port, belowRoot })
      const running = nodeProcess(programOf('resolver', options.fromSource), {
        ...environment,
        ENTITY_ID: url,
      })
      kept.defer(() => running.stop())
      await running.start('/readyz')
      return { url, port }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
