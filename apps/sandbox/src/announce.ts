import { relative } from 'node:path'

import { EXAMPLE, OVERSEAS_EXAMPLE } from './acts/example.ts'
import { officerKeyFile } from './acts/operators.ts'
import type { NodeProcesses } from './machine/node-processes.ts'
import { SECRET_MODE, writeWhole } from './machine/write-file.ts'
import { ORGANIZATIONS, type NodePlans, type ProviderPlan, type RootPlan } from './nodes.ts'
import type { SecretsFile } from './secrets.ts'
import type { StateFolder } from './state-folder.ts'

/** Writes `sandbox.json`: where the nodes are and how to act at them. It holds tokens, so only its owner reads it. */
export function writeDescription(
  given: { plans: NodePlans; secrets: SecretsFile; nodes: NodeProcesses; repository: string },
  folder: StateFolder,
): void {
  const { plans, secrets, nodes, repository } = given
  const { root, overseasRoot, providers, overseasProvider, resolver } = plans
  const rootOf = ({ name, url }: RootPlan) => {
    const { operators } = secrets.node(name)
    const keyFile = (nth: number) => shortPath(repository, officerKeyFile(folder.officers(name), nth))
    return {
      url,
      officers: operators,
      officer_keys: operators.map((_, nth) => keyFile(nth)),
      pid: nodes.pidOf(name),
    }
  }
  const providerOf = ({ name, url }: ProviderPlan) => {
    const { operators, requesters } = secrets.node(name)
    const codes = new Map([EXAMPLE, OVERSEAS_EXAMPLE].map((each) => [each.applicant.key, each.requester]))
    return {
      code: ORGANIZATIONS[name].code,
      url,
      staff: operators,
      requesters: Object.entries(requesters).map(([key, token]) => ({ code: codes.get(key) ?? null, token })),
      pid: nodes.pidOf(name),
    }
  }
  const description = {
    root: rootOf(root),
    providers: providers.map(providerOf),
    resolver: { url: resolver.url, pid: nodes.pidOf(resolver.name) },
    overseas: {
      root: rootOf(overseasRoot),
      providers: [providerOf(overseasProvider)],
      anchor: shortPath(repository, folder.anchor(overseasRoot.name)),
      example: OVERSEAS_EXAMPLE.code,
    },
    anchor: shortPath(repository, folder.anchor(root.name)),
    example: EXAMPLE.code,
  }
  writeWhole(folder.description, `${JSON.stringify(description, null, 2)}\n`, SECRET_MODE)
}

/** What the person at the terminal reads when all is up. */
export function announcement(plans: NodePlans, folder: StateFolder, repository: string): string {
  const { resolver } = plans
  const width = Math.max(...plans.all.map(({ url }) => url.length))
  const anchor = shortPath(repository, folder.anchor(plans.root.name))
  return [
    '',
    ...plans.all.map(({ url, says }) => `  ${url.padEnd(width)}  ${says}`),
    '',
    `  curl -s ${resolver.url}/v1/resolve/${EXAMPLE.code}`,
    `  npm run -s arc3088 -- resolve ${EXAMPLE.code} --anchor ${anchor}`,
    `  npm run -s arc3088 -- resolve ${OVERSEAS_EXAMPLE.code} --anchor ${anchor}`,
    '',
    `  ${shortPath(repository, folder.description)} has the tokens, ${shortPath(repository, folder.path)}/logs the logs. Ctrl-C stops everything.`,
    '',
  ].join('\n')
}

/** Below the repository as people write it, elsewhere whole. */
function shortPath(repository: string, path: string): string {
  const below = relative(repository, path)
  return below.startsWith('..') ? path : below
}
