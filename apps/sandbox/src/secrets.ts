import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

import { SECRET_MODE, writeWhole } from './machine/write-file.ts'

/** What only the sandbox knows of a node. */
export interface NodeSecrets {
  readonly ownerPassword: string
  readonly appPassword: string
  /** Two of the desk. Empty until they were made. */
  readonly operators: readonly string[]
  /** What its application at the root is known by, from before it was sent. */
  readonly requestId?: string
  /** Of requesters at this provider, by name. */
  readonly requesters: Readonly<Record<string, string>>
}

/**
 * What cannot be read back from the nodes: passwords, tokens, the ports the addresses were made of. What has been done
 * is not written here; the nodes know that.
 */
export interface Secrets {
  readonly portBase: number
  /** Keeps this sandbox's databases apart on a server that others use too. */
  readonly suffix: string
  readonly nodes: Readonly<Record<string, NodeSecrets>>
}

/** The secrets as they are now, kept on the disk. */
export interface SecretsFile {
  current(): Secrets
  node(name: string): NodeSecrets
  /** Changes what is known of a node, on the disk before it returns. */
  change(name: string, change: Partial<NodeSecrets>): void
}

const PASSWORD_BYTES = 24

/** Opens the secrets of a state folder, or makes new ones. */
export function openSecrets(path: string, portBase: number): SecretsFile {
  let secrets = readSecrets(path)
  const save = (next: Secrets): void => {
    writeWhole(path, `${JSON.stringify(next, null, 2)}\n`, SECRET_MODE)
    secrets = next
  }
  if (secrets === undefined) save({ portBase, suffix: randomBytes(4).toString('hex'), nodes: {} })
  const current = (): Secrets => {
    if (secrets === undefined) throw new Error('the secrets were not saved')
    return secrets
  }
  const node = (name: string): NodeSecrets => {
    const known = current().nodes[name]
    if (known !== undefined) return known
    const made = newNodeSecrets()
    save({ ...current(), nodes: { ...current().nodes, [name]: made } })
    return made
  }
  return {
    current,
    node,
    change(name, change) {
      const changed = { ...node(name), ...change }
      save({ ...current(), nodes: { ...current().nodes, [name]: changed } })
    },
  }
}

/** The secrets of an earlier start; undefined where there was none. Only ever written by us, whole. */
export function readSecrets(path: string): Secrets | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Secrets) : undefined
}

function newNodeSecrets(): NodeSecrets {
  const password = () => randomBytes(PASSWORD_BYTES).toString('base64url')
  return { ownerPassword: password(), appPassword: password(), operators: [], requesters: {} }
}
