import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where everything of a sandbox stands. */
export interface StateFolder {
  readonly path: string
  readonly secrets: string
  readonly processes: string
  readonly anchor: string
  readonly rootKeySets: string
  readonly description: string
  readonly postgres: string
  log(node: string): string
  /** A node's `KEYS_DIR`. */
  keys(node: string): string
  /** The root key, which no node ever sees. */
  readonly ceremony: string
}

/** Names the places below a state folder, and makes the folders among them. */
export function openStateFolder(path: string): StateFolder {
  for (const folder of [path, join(path, 'logs'), join(path, 'keys')]) mkdirSync(folder, { recursive: true })
  // PostgreSQL, started by root, runs as another user and must walk through; what is secret is a file of its own mode.
  chmodSync(join(path, 'keys'), 0o700)
  return {
    path,
    secrets: join(path, 'secrets.json'),
    processes: join(path, 'processes.json'),
    anchor: join(path, 'anchor.json'),
    rootKeySets: join(path, 'root-key-sets.json'),
    description: join(path, 'sandbox.json'),
    postgres: join(path, 'postgres'),
    log: (node) => join(path, 'logs', `${node}.log`),
    keys: (node) => join(path, 'keys', node),
    ceremony: join(path, 'keys', 'root-ceremony'),
  }
}
