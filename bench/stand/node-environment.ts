/** Where a node keeps what is not in its database. */
export interface NodeFolders {
  readonly keys: string
  readonly journal: string
}

/**
 * Everything that the processes of a stand are started with, in one place: what a node learns to need is added here.
 * The values are those that an operator would choose; no limit is raised but that on applications, which all come from
 * one address here.
 */
export function nodeEnvironment(node: {
  readonly url: string
  readonly port: number
  readonly databaseUrl?: string
  readonly folders?: NodeFolders
  readonly root?: { readonly keySetsFile: string }
  readonly belowRoot?: { readonly url: string; readonly anchorFile: string }
}): Record<string, string> {
  const { url, port, databaseUrl, folders, root, belowRoot } = node
  return {
    PORT: String(port),
    HOST: '127.0.0.1',
    ENTITY_ID: url,
    LOG_LEVEL: 'error',
    ALLOW_LOOPBACK_HTTP: 'true',
    APPLICATIONS_PER_HOUR: '100000',
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...(folders === undefined ? {} : { KEYS_DIR: folders.keys, JOURNAL_DIR: folders.journal }),
    ...(root === undefined ? {} : { ROOT_KEY_SETS_FILE: root.keySetsFile, LOG_QUORUM: '1' }),
    ...(belowRoot === undefined ? {} : { ROOT_URL: belowRoot.url, TRUST_ANCHOR_FILE: belowRoot.anchorFile }),
  }
}
