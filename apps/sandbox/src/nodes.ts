import type { NodeName, ProviderName, RootName } from './node-names.ts'
import type { StateFolder } from './state-folder.ts'

/** A node of the sandbox: what it is called, which app it runs, where it listens. */
export interface NodePlan {
  readonly name: NodeName
  readonly app: 'root' | 'provider' | 'resolver'
  readonly says: string
  readonly port: number
  readonly url: string
}

/** The port of each node above the port base; with 3000 as base they are the ports of the documentation. */
const PLACES = {
  resolver: 80,
  root: 88,
  'overseas-root': 89,
  'provider-1': 101,
  'provider-2': 102,
  'overseas-provider': 103,
} as const satisfies Record<NodeName, number>
export const PORT_BASE_DEFAULT = 3000

/** A root of the sandbox. */
export type RootPlan = NodePlan & { readonly name: RootName }
/** A provider of the sandbox. */
export type ProviderPlan = NodePlan & { readonly name: ProviderName }

export interface NodePlans {
  readonly root: RootPlan
  /** A root of another territory, under a prefix of its own (annex B c): the same program. */
  readonly overseasRoot: RootPlan
  readonly providers: readonly [ProviderPlan, ProviderPlan]
  /** The provider of the overseas root. */
  readonly overseasProvider: ProviderPlan
  readonly resolver: NodePlan
  readonly all: readonly NodePlan[]
}

/** The nodes, on the ports that follow from the base. */
export function planNodes(portBase: number): NodePlans {
  const plan = <Name extends NodeName>(name: Name, app: NodePlan['app'], says: string) => {
    const port = portBase + PLACES[name]
    return { name, app, says, port, url: `http://127.0.0.1:${port}` }
  }
  const root = plan('root', 'root', '根节点 root, the 3088 node')
  const first = plan('provider-1', 'provider', '服务方 provider 1, Company A 公司A')
  const second = plan('provider-2', 'provider', '境外服务方 provider 2, overseas')
  const overseasRoot = plan('overseas-root', 'root', '境外根节点 overseas root, recognised by agreement')
  const overseasProvider = plan(
    'overseas-provider',
    'provider',
    '境外根的服务方 provider of the overseas root',
  )
  const resolver = plan('resolver', 'resolver', '解析 resolver')
  return {
    root,
    overseasRoot,
    providers: [first, second],
    overseasProvider,
    resolver,
    all: [root, overseasRoot, first, second, overseasProvider, resolver],
  }
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
  'overseas-provider': {
    name: 'Nordlys Agenter AS',
    name_en: 'Nordlys Agenter AS',
    country: 'NO',
    code: '1',
    contact: 'register@nordlys.example',
  },
} as const

/** What the roots are: the overseas one stands under the arc that ITU-T X.660 keeps for examples. */
export const ROOTS = {
  root: {
    prefix: '1.2.156.3088',
    territory: 'CN',
    organization: '智能体身份码主管机构 (sandbox)',
    contact: 'authority@root.example',
  },
  'overseas-root': {
    prefix: '2.999.3088',
    territory: 'NO',
    organization: 'Overseas authority (sandbox)',
    contact: 'authority@overseas.example',
  },
} as const

/** Applications of a whole test run come from one address. */
const APPLICATIONS_PER_HOUR = '100000'

/** The environment of a node, but for its databases. */
export function environmentOf(node: NodePlan, plans: NodePlans, folder: StateFolder): Record<string, string> {
  const common = { PORT: String(node.port), HOST: '::', ALLOW_LOOPBACK_HTTP: 'true', LOG_LEVEL: 'info' }
  const issuing = {
    ...common,
    ENTITY_ID: node.url,
    KEYS_DIR: folder.keys(node.name),
    JOURNAL_DIR: folder.journal(node.name),
    APPLICATIONS_PER_HOUR,
  }
  switch (node.name) {
    case 'root':
    case 'overseas-root': {
      const { prefix, territory, organization } = ROOTS[node.name]
      return {
        ...issuing,
        ROOT_KEY_SETS_FILE: folder.rootKeySets(node.name),
        CODE_PREFIX: prefix,
        ORGANIZATION_NAME: organization,
        TERRITORY: territory,
      }
    }
    case 'provider-1':
    case 'provider-2':
    case 'overseas-provider': {
      const root = node.name === 'overseas-provider' ? plans.overseasRoot : plans.root
      return {
        ...issuing,
        ROOT_URL: root.url,
        TRUST_ANCHOR_FILE: folder.anchor(root.name),
        ORGANIZATION_NAME: ORGANIZATIONS[node.name].name,
      }
    }
    case 'resolver':
      return { ...common, TRUST_ANCHOR_FILE: folder.anchor(plans.root.name) }
  }
}
