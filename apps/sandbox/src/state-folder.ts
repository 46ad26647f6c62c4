import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import type { RootName } from './node-names.ts'

const ROOT_NAMES: readonly RootName[] = ['root', 'overseas-root']

/** Where everything of a sandbox stands. */
export interface StateFolder {
  readonly path: string
  readonly secrets: string
  readonly processes: string
  /** The first key set of a root: what its verifiers pin. */
  anchor(root: RootName): string
  /** The key sets that a root serves. */
  rootKeySets(root: RootName): string
  readonly description: string
  readonly postgres: string
  /** What the requester of an example hands in. */
  example(provider: string): string
  log(node: string): string
  /** A node's `KEYS_DIR`. */
  keys(node: string): string
  /** A node's `JOURNAL_DIR`. */
  journal(node: string): string
  /** A root's root key, which no node ever sees. */
  ceremony(root: RootName): string
  /** The keys of a root's officers, each their own. */
  officers(node: string): string
}

/** Names the places below a state folder, and makes the folders among them. */
export function openStateFolder(path: string): StateFolder {
  for (const folder of [path, ...['logs', 'keys', 'examples'].map((name) => join(path, name))])
    mkdirSync(folder, { recursive: true })
  // PostgreSQL, started by root, runs as another user and must walk through; what is secret is a file of its own mode.
  chmodSync(join(path, 'keys'), 0o700)
  return {
    path,
    secrets: join(path, 'secrets.json'),
    processes: join(path, 'processes.json'),
    anchor: (root) => join(path, root === 'root' ? 'anchor.json' : `${root}-anchor.json`),
    rootKeySets: (root) => join(path, `${root}-key-sets.json`),
    description: join(path, 'sandbox.json'),
    postgres: join(path, 'postgres'),
    example: (provider) => join(path, 'examples', `${provider}.json`),
    log: (node) => join(path, 'logs', `${node}.log`),
    keys: (node) => join(path, 'keys', node),
    journal: (node) => join(path, 'journal', node),
    ceremony: (root) => join(path, 'keys', `${root}-ceremony`),
    officers: (node) => join(path, 'keys', `${node}-officers`),
  }
}

/** Node's compiled code, kept between starts. */
export function compileCacheOf(path: string): string {
  return join(path, 'compile-cache')
}

/** Removes what a sandbox keeps, and nothing else: the folder may have been anybody's before it was named to us. */
export function forgetState(folder: StateFolder): void {
  const { path, secrets, processes, anchor, rootKeySets, description, postgres } = folder
  const ofRoots = ROOT_NAMES.flatMap((root) => [anchor(root), rootKeySets(root)])
  const files = [secrets, processes, description, ...ofRoots]
  const folders = [
    postgres,
    compileCacheOf(path),
    ...['logs', 'keys', 'journal', 'examples'].map((name) => join(path, name)),
  ]
  for (const each of [...folders, ...files]) rmSync(each, { recursive: true, force: true })
}
