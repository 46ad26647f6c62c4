import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

import { withLock } from './lock.mjs'
import { binaries, bootFolder, root } from './paths.mjs'

const stamp = join(root, 'node_modules', '.boot-stamp')
const packagedNode = join(binaries, 'node')
/** What optional native modules are built with, so that nothing is fetched for them. */
const nodeWithHeaders = join(root, 'node_modules', `node-${process.platform}-${process.arch}`)
/** Runs TypeScript as it is (type stripping without a flag), which the tools rely on. */
const OWN_NODE_MIN = [24, 11]

/** Installs if the lockfile, the workspace file or the platform has changed; answers the environment to run in. */
export async function ensureInstalled() {
  const key = installKey()
  if (!isInstalled(key)) {
    await withLock('install', () => {
      if (!isInstalled(key)) install(key)
    })
  }
  const paths = existsSync(packagedNode) ? [binaries] : [binaries, ownNodeFolder()]
  return {
    ...process.env,
    PATH: [...paths, process.env.PATH].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  }
}

function installKey() {
  const hash = createHash('sha256')
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)))
  return hash.update(`${process.platform}-${process.arch}`).digest('hex')
}

function isInstalled(key) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === key
}

function install(key) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  process.stderr.write(`boot: installing with ${packageManager}\n`)
  // pnpm must not ask whether it may replace node_modules; its output is ours, so it goes to stderr.
  const outcome = spawnSync('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, CI: process.env.CI ?? 'true', npm_config_nodedir: nodeWithHeaders },
  })
  if (outcome.error) throw new Error(`npx could not be started: ${outcome.error.message}`)
  if (outcome.status !== 0) throw new Error('the installation failed (see above)')
  dropUnusableNode()
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  mkdirSync(bootFolder, { recursive: true })
  writeFileSync(stamp, key)
}

/** A packaged Node for glibc does not run on musl, and would shadow the one that does. */
function dropUnusableNode() {
  if (existsSync(packagedNode) && spawnSync(packagedNode, ['--version']).status !== 0) rmSync(packagedNode)
}

function ownNodeFolder() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [leastMajor, leastMinor] = OWN_NODE_MIN
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return dirname(process.execPath)
  throw new Error(
    `no packaged Node for ${process.platform}-${process.arch}, and this is Node ${process.versions.node}: ` +
      `install Node ${OWN_NODE_MIN.join('.')} or newer and run the same command with it`,
  )
}
