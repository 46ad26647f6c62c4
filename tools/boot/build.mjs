import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { withLock } from './lock.mjs'
import { bootFolder, root } from './paths.mjs'

/**
 * Builds the target and what it depends on, unless no source has changed since the last time: turbo knows that too,
 * but needs half a second to say so. Quiet, but for what a failing build says, on stderr.
 * @param {string} target an app, as '@arc3088/cli', or 'everything'
 */
export async function ensureBuilt(target, env) {
  if (isBuilt(target)) return
  await withLock('build', () => {
    if (isBuilt(target)) return
    // Taken before: a file saved during the build must not count as built.
    const key = sourceKey()
    process.stderr.write('boot: building\n')
    const filter = target === 'everything' ? [] : [`--filter=${target}`]
    const outcome = spawnSync(
      'turbo',
      ['run', 'build', '--output-logs=errors-only', '--no-daemon', ...filter],
      {
        cwd: root,
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    if (outcome.status !== 0) {
      process.stderr.write(`${outcome.error?.message ?? ''}${outcome.stdout ?? ''}${outcome.stderr ?? ''}`)
      throw new Error('the build failed (see above)')
    }
    rememberBuilt(target, key)
  })
}

/** Call with the key from before the build. */
export function rememberBuilt(target, key) {
  mkdirSync(bootFolder, { recursive: true })
  writeFileSync(stampOf(target), key)
}

function isBuilt(target) {
  const stamp = stampOf(target)
  return existsSync(stamp) && programsAreThere(target) && readFileSync(stamp, 'utf8') === sourceKey()
}

/** Somebody may have removed a `dist`; turbo puts it back from its cache. */
function programsAreThere(target) {
  const apps = target === 'everything' ? readdirSync(join(root, 'apps')) : [target.slice('@arc3088/'.length)]
  return apps
    .map((name) => join(root, 'apps', name))
    .filter((folder) => existsSync(join(folder, 'src', 'main.ts')))
    .every((folder) => existsSync(join(folder, 'dist', 'main.js')))
}

function stampOf(target) {
  return join(bootFolder, `built-${target.replace(/[^a-z0-9-]/g, '_')}`)
}

/** Name, size and time of every file that a build reads: 3 ms for 300 files. */
export function sourceKey() {
  const hash = createHash('sha256')
  addFile(hash, join(root, 'tsconfig.base.json'))
  addFile(hash, join(root, 'pnpm-lock.yaml'))
  addFile(hash, join(root, 'tools/bundle.ts'))
  for (const group of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, group)).toSorted()) {
      const folder = join(root, group, name)
      addFile(hash, join(folder, 'package.json'))
      addFile(hash, join(folder, 'tsconfig.json'))
      addFolder(hash, join(folder, 'src'))
    }
  }
  return hash.digest('hex')
}

function addFolder(hash, folder) {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) addFolder(hash, path)
    else if (!entry.name.endsWith('.test.ts')) addFile(hash, path)
  }
}

function addFile(hash, path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  hash.update(`${path}\0${stat?.size}\0${stat?.mtimeMs}\n`)
}
