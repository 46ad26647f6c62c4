import { rmSync } from 'node:fs'

import { postgresFor, startLocalPostgres, type PostgresServer } from '@arc3088/local-postgres'

import { checkExample } from './acts/check-example.ts'
import { enrolProvider } from './acts/enrol-provider.ts'
import { EXAMPLE, OVERSEAS_EXAMPLE } from './acts/example.ts'
import { issueExample } from './acts/issue-example.ts'
import { recogniseEachOther } from './acts/recognise.ts'
import { ensureAnchor, ensureKeys } from './acts/keys.ts'
import { ensureMigrated } from './acts/operators.ts'
import { announcement, writeDescription } from './announce.ts'
import { dropDatabases, ensureDatabase } from './machine/databases.ts'
import { waitUntilOk } from './machine/http.ts'
import { openRoster, SANDBOX, settleEarlier, type Roster } from './machine/left-behind.ts'
import { createNodeProcesses } from './machine/node-processes.ts'
import { demandFreePorts } from './machine/ports.ts'
import { environmentOf, planNodes, PORT_BASE_DEFAULT, type NodePlan, type NodePlans } from './nodes.ts'
import { SandboxError } from './sandbox-error.ts'
import { openSecrets, readSecrets, type SecretsFile } from './secrets.ts'
import type { Settings } from './settings.ts'
import { forgetState, openStateFolder, type StateFolder } from './state-folder.ts'
import type { Tell } from './tell.ts'

/** A federation on one machine, on its way up, up, or on its way down. */
export interface Sandbox {
  /** Resolves when all is up and the example is verified. @throws SandboxError */
  readonly ready: Promise<void>
  /** Rejects when a node ends by itself; never resolves. */
  readonly died: Promise<never>
  /** Stops the nodes, then PostgreSQL, however far the start has come. */
  stop(): Promise<void>
}

/** Starts the whole federation; what an earlier start has done already stays done. */
export function startSandbox(settings: Settings, repository: string, tell: Tell): Sandbox {
  const nodes = createNodeProcesses()
  let postgres: Promise<PostgresServer> | undefined

  async function start(): Promise<void> {
    const folder = await prepareFolder(settings, tell)
    const portBase = portBaseOf(settings, folder)
    const plans = planNodes(portBase)
    await demandFreePorts(plans.all)
    const secrets = openSecrets(folder.secrets, portBase)
    const roster = openRoster(folder.processes)
    roster.add(SANDBOX, process.pid)
    // Says "ready" to whoever waits for it, so it must not stand from last time.
    rmSync(folder.description, { force: true })

    postgres = startPostgres(settings, folder, roster)
    const [{ adminUrl }] = await Promise.all([postgres, ensureKeys(plans, folder)])
    await Promise.all([plans.root, plans.overseasRoot].map((root) => ensureAnchor(root, folder)))
    const begin = async (node: NodePlan) => {
      const environment = await prepareNode(node, { adminUrl, plans, folder, secrets })
      roster.add(node.name, nodes.start(node.name, node.app, { environment, log: folder.log(node.name) }))
      await waitUntilOk(`${node.url}/livez`)
    }
    await Promise.all(plans.all.map(begin))
    await Promise.all([plans.root, plans.overseasRoot].map(({ url }) => waitUntilOk(`${url}/readyz`)))
    tell('all nodes are up')

    await populate(plans, { secrets, folder, tell })
    await waitUntilOk(`${plans.resolver.url}/readyz`)
    for (const example of [EXAMPLE, OVERSEAS_EXAMPLE]) {
      const verdict = await checkExample(plans.resolver, example)
      if (verdict !== 'valid') tell(`${example.code} is ${verdict}, as somebody decided`)
    }
    writeDescription({ plans, secrets, nodes, repository }, folder)
    tell(announcement(plans, folder, repository))
  }

  const ready = start()
  return {
    ready,
    died: nodes.died,
    async stop() {
      await nodes.stop()
      const server = await postgres?.catch(() => undefined)
      await server?.stop()
    },
  }
}

/** Everything that people do: providers, agents, the agreement between the roots. */
async function populate(
  { root, overseasRoot, providers: [first, second], overseasProvider }: NodePlans,
  parts: { secrets: SecretsFile; folder: StateFolder; tell: Tell },
): Promise<void> {
  const atHome = async () => {
    await Promise.all([first, second].map((provider) => enrolProvider({ ...parts, root, provider })))
    await issueExample({ ...parts, agent: EXAMPLE, provider: first })
  }
  const abroad = async () => {
    await enrolProvider({ ...parts, root: overseasRoot, provider: overseasProvider })
    await issueExample({ ...parts, agent: OVERSEAS_EXAMPLE, provider: overseasProvider })
  }
  await Promise.all([atHome(), abroad(), recogniseEachOther([root, overseasRoot], parts)])
}

async function startPostgres(
  { postgresAdminUrl: adminUrl }: Settings,
  { postgres: dataDir }: StateFolder,
  roster: Roster,
): Promise<PostgresServer> {
  if (adminUrl !== undefined) return await postgresFor({ adminUrl })
  const server = await startLocalPostgres({ dataDir })
  roster.add('postgres guardian', server.guardianPid)
  roster.add('postgres', server.pid)
  return server
}

/** Brings a node's database up to date; answers the environment in which it serves. */
async function prepareNode(
  node: NodePlan,
  parts: { adminUrl: string; plans: NodePlans; folder: StateFolder; secrets: SecretsFile },
): Promise<Record<string, string>> {
  const { adminUrl, plans, folder, secrets } = parts
  const environment = environmentOf(node, plans, folder)
  const { app } = node
  if (app === 'resolver') return environment
  const urls = await ensureDatabase(adminUrl, node, secrets)
  await ensureMigrated({ ...node, app }, { ...environment, ...urls }, { secrets, folder })
  // Only who migrates needs the owner's password.
  return { ...environment, DATABASE_URL: urls.DATABASE_URL }
}

async function prepareFolder(settings: Settings, tell: Tell): Promise<StateFolder> {
  const folder = openStateFolder(settings.stateDir)
  await settleEarlier(folder.processes, settings.fresh)
  if (!settings.fresh) return folder
  const secrets = readSecrets(folder.secrets)
  if (secrets !== undefined && settings.postgresAdminUrl !== undefined) {
    await dropDatabases(settings.postgresAdminUrl, secrets)
  }
  forgetState(folder)
  tell(`forgot ${folder.path}`)
  return openStateFolder(settings.stateDir)
}

/** A node's address is its name in every record it signed, so the ports cannot change under what is there. */
function portBaseOf({ portBase }: Settings, folder: StateFolder): number {
  const earlier = readSecrets(folder.secrets)?.portBase
  if (earlier !== undefined && portBase !== undefined && portBase !== earlier) {
    throw new SandboxError(
      `${folder.path} was made with port base ${earlier}, and codes stand under these addresses; use it, or another ARC3088_STATE_DIR`,
    )
  }
  return portBase ?? earlier ?? PORT_BASE_DEFAULT
}
