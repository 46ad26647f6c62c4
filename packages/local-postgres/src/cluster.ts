import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { isReachableByAll, type Binaries } from './binaries.ts'
import { LocalPostgresError } from './local-postgres-error.ts'
import { SUPERUSER } from './protocol.ts'

export interface Cluster {
  /** PostgreSQL's own folder; every program is started with it as working folder. */
  readonly dataFolder: string
  /** Tells our server from every other; see processes.ts. */
  readonly clusterId: string
  readonly password: string
}

/** How the server is told its folder: by `/proc/self/cwd` where its user may not walk down to it from `/`. */
export function dataFolderArgument(dataFolder: string, binaries: Binaries): string {
  const walkable = binaries.identity === undefined || isReachableByAll(dirname(dataFolder))
  return walkable ? dataFolder : '/proc/self/cwd'
}

/** Creates the cluster if it is not there. An initdb that was cut short leaves nothing that looks finished. */
export async function prepareCluster(folder: string, binaries: Binaries, durable: boolean): Promise<Cluster> {
  const dataFolder = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  const idFile = join(folder, 'cluster-id')
  if (!existsSync(dataFolder)) {
    const password = randomBytes(18).toString('base64url')
    const fresh = join(folder, 'data.new')
    rmSync(fresh, { recursive: true, force: true })
    writeFileSync(idFile, `arc3088-${randomBytes(6).toString('hex')}`)
    writeFileSync(passwordFile, password, { mode: 0o600 })
    await initialise(fresh, password, binaries, durable)
    renameSync(fresh, dataFolder)
  }
  return {
    dataFolder,
    clusterId: readFileSync(idFile, 'utf8').trim(),
    password: readFileSync(passwordFile, 'utf8').trim(),
  }
}

async function initialise(
  dataFolder: string,
  password: string,
  binaries: Binaries,
  durable: boolean,
): Promise<void> {
  mkdirSync(dataFolder, { mode: 0o700 })
  const argument = dataFolderArgument(dataFolder, binaries)
  const { identity } = binaries
  if (identity !== undefined) chownSync(dataFolder, identity.uid, identity.gid)
  chmodSync(dataFolder, 0o700)
  // In /tmp, since the unprivileged user may not be able to walk to our own folder; readable by that user alone.
  const passwordFile = join(tmpdir(), `arc3088-${randomBytes(12).toString('hex')}`)
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' })
  if (identity !== undefined) chownSync(passwordFile, identity.uid, identity.gid)
  const args = [
    `--pgdata=${argument}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ]
  try {
    await promisify(execFile)(binaries.initdb, args, { cwd: dataFolder, env: binaries.env, ...identity })
  } catch (cause) {
    const words = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause)
    throw new LocalPostgresError('start', `initdb failed: ${words.trim()}`, { cause })
  } finally {
    rmSync(passwordFile, { force: true })
  }
}
