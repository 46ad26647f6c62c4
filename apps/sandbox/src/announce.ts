import { relative } from 'node:path'

import { EXAMPLE, INSTITUTE_B } from './acts/example.ts'
import { officerKeyFile } from './acts/operators.ts'
import type { NodeProcesses } from './machine/node-processes.ts'
import { SECRET_MODE, writeWhole } from './machine/write-file.ts'
import { ORGANIZATIONS, type NodePlans } from './nodes.ts'
import type { SecretsFile } from './secrets.ts'
import type { StateFolder } from './state-folder.ts'

/** Writes `sandbox.json`: where the nodes are and how to act at them. It holds tokens, so only its owner reads it. */
export function writeDescription(
  given: { plans: NodePlans; secrets: SecretsFile; nodes: NodeProcesses; repository: string },
  folder: StateFolder,
): void {
  const { plans, secrets, nodes, repository } = given
  const { root, providers, resolver } = plans
  const description = {
    root: {
      url: root.url,
      officers: secrets.node(root.name).operators,
      officer_keys: secrets
        .node(root.name)
        .operators.map((_, nth) => shortPath(repository, officerKeyFile(folder.officers(root.name), nth))),
      pid: nodes.pidOf(root.name),
    },
    providers: providers.map(({ name, url }) => {
      const { operators, requesters } = secrets.node(name)
      return {
        code: name === 'provider-1' ? ORGANIZATIONS[name].code : ORGANIZATIONS['provider-2'].code,
        url,
        staff: operators,
        requesters: Object.entries(requesters).map(([key, token]) => ({
          code: key === INSTITUTE_B.key ? EXAMPLE.requester : null,
          token,
        })),
        pid: nodes.pidOf(name),
      }
    }),
    resolver: { url: resolver.url, pid: nodes.pidOf(resolver.name) },
    anchor: shortPath(repository, folder.anchor),
    example: EXAMPLE.code,
  }
  writeWhole(folder.description, `${JSON.stringify(description, null, 2)}\n`, SECRET_MODE)
}

/** What the person at the terminal reads when all is up. */
export function announcement(plans: NodePlans, folder: StateFolder, repository: string): string {
  const { resolver } = plans
  const width = Math.max(...plans.all.map(({ url }) => url.length))
  const anchor = shortPath(repository, folder.anchor)
  return [
    '',
    ...plans.all.map(({ url, says }) => `  ${url.padEnd(width)}  ${says}`),
    '',
    `  curl -s ${resolver.url}/v1/resolve/${EXAMPLE.code}`,
    `  npm run -s arc3088 -- resolve ${EXAMPLE.code} --anchor ${anchor}`,
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
