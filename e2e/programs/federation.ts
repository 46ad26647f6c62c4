import { copyFileSync } from 'node:fs'
import { join } from 'node:path'

import { startLocalPostgres } from '@arc3088/local-postgres'

import {
  environmentOfProcess,
  startNode,
  type App,
  type Environment,
  type NodeProcess,
} from './node-process.ts'
import { deskOf, type RootDesk } from './officers.ts'
import { startSandbox, takePlace } from './run-sandbox.ts'

/** A node of the federation: where it is, and what it is started with. */
export interface FederationNode {
  readonly app: App
  readonly url: string
  readonly environment: Environment
  start(more?: Environment): Promise<NodeProcess>
}

/** What a sandbox has made, with nobody running but PostgreSQL: each node is started, killed and put back alone. */
export interface Federation extends AsyncDisposable {
  readonly adminUrl: string
  /** A folder that is gone afterwards. */
  readonly folder: string
  /** The pinned key set, a file. */
  readonly anchor: string
  readonly root: FederationNode
  /** Company A, with the ontology of the example. */
  readonly company: FederationNode
  /** Another provider of the same root. */
  readonly second: FederationNode
  /** Who decides at the root. */
  readonly desk: RootDesk
  /** Of Institute B, its requester. */
  readonly token: string
}

/** The ontology of the example, below which everything is registered. */
export const ONTOLOGY = '1.2.156.3088.1.1.34C2.478BDF.0'

/** Lets a sandbox make the federation of the documentation, and stops it. */
export async function openFederation(): Promise<Federation> {
  const postgres = await startLocalPostgres()
  const place = await takePlace()
  const close = async () => {
    place[Symbol.dispose]()
    await postgres.stop()
  }
  try {
    const { adminUrl } = postgres
    await using sandbox = await startSandbox(place, { environment: { POSTGRES_ADMIN_URL: adminUrl } })
    const { root, providers, anchor: pinned } = sandbox.description()
    const [company, second] = providers
    if (company === undefined || second === undefined) throw new Error('the sandbox has two providers')
    const anchor = join(place.stateDir, 'pinned.json')
    copyFileSync(pinned, anchor)
    return {
      adminUrl,
      folder: place.stateDir,
      anchor,
      root: nodeOf('root', root),
      company: nodeOf('provider', company),
      second: nodeOf('provider', second),
      desk: deskOf(root),
      token: company.requesters[0]?.token ?? '',
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function nodeOf(app: App, { url, pid }: { url: string; pid: number }): FederationNode {
  const environment = environmentOfProcess(pid)
  return {
    app,
    url,
    environment,
    start: async (more = {}) => await startNode(app, { ...environment, ...more }),
  }
}
