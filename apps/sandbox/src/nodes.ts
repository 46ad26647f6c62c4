import type { StateFolder } from './state-folder.ts'

/** A node of the sandbox: what it is called, which app it runs, where it listens. */
export interface NodePlan {
  readonly name: NodeName
  readonly app: 'root' | 'provider' | 'resolver'
  readonly says: string
  readonly port: number
  readonly url: string
}

export type NodeName = 'root' | 'provider-1' | 'provider-2' | 'resolver'

/** The port of each node above the port base; with 3000 as base they are the ports of the documentation. */
const PLACES = { resolver: 80, root: 88, 'provider-1': 101, 'provider-2': 102 } as const satisfies Record<
  NodeName,
  number
>
export const PORT_BASE_DEFAULT = 3000

export interface NodePlans {
  readonly root: NodePlan
  readonly providers: readonly [NodePlan, NodePlan]
  readonly resolver: NodePlan
  readonly all: readonly NodePlan[]
}

/** The nodes, on the ports that follow from the base. */
export function planNodes(portBase: number): NodePlans {
  const plan = (name: NodeName, app: NodePlan['app'], says: string): NodePlan => {
    const port = portBase + PLACES[name]
    return { name, app, says, port, url: `http://127.0.0.1:${port}` }
  }
  const root = plan('root', 'root', '根节点 root, the 3088 node')
  const first = plan('provider-1', 'provider', '服务方 provider 1, Company A 公司A')
  const second = plan('provider-2', 'provider', '境外服务方 provider 2, overseas')
  const resolver = plan('resolver', 'resolver', '解析 resolver')
  return { root, providers: [first, second], resolver, all: [root, first, second, resolver] }
}

/** What a node's organisation is called, by name. */
export const ORGANIZATIONS = {
  'provider-1': {
    name: '公司A',
    name_en: 'Company A',
    country: 'CN',
    code: '1',
    contact: 'desk@company-a.example',
  },
  'provider-2': {
    name: 'Merlion Agents Pte. Ltd.',
    name_en: 'Merlion Agents Pte. Ltd.',
    country: 'SG',
    code: '2',
    contact: 'registry@merlion.example',
  },
} as const

/** Applications of a whole test run come from one address. */
const APPLICATIONS_PER_HOUR = '100000'

/** The environment of a node, but for its databases. */
export function environmentOf(node: NodePlan, plans: NodePlans, folder: StateFolder): Record<string, string> {
  const common = { PORT: String(node.port), HOST: '::', ALLOW_LOOPBACK_HTTP: 'true', LOG_LEVEL: 'info' }
  switch (node.name) {
    case 'root':
      return {
        ...common,
        ENTITY_ID: node.url,
        KEYS_DIR: folder.keys(node.name),
        JOURNAL_DIR: folder.journal(node.name),
        ROOT_KEY_SETS_FILE: folder.rootKeySets,
        ORGANIZATION_NAME: '智能体身份码主管机构 (sandbox)',
        TERRITORY: 'CN',
        APPLICATIONS_PER_HOUR,
      }
    case 'provider-1':
    case 'provider-2':
      return {
        ...common,
        ENTITY_ID: node.url,
        KEYS_DIR: folder.keys(node.name),
        JOURNAL_DIR: folder.journal(node.name),
        ROOT_URL: plans.root.url,
        TRUST_ANCHOR_FILE: folder.anchor,
        ORGANIZATION_NAME: ORGANIZATIONS[node.name].name,
        APPLICATIONS_PER_HOUR,
      }
    case 'resolver':
      return { ...common, TRUST_ANCHOR_FILE: folder.anchor }
  }
}
