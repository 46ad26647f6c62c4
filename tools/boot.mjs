/**
 * The way in: needs Node >= 20 and npm, nothing else. Installs what the lockfile says when that has changed, then
 * runs a command with the repository's own Node. Whatever boot itself has to say goes to stderr.
 *
 *   node tools/boot.mjs COMMAND ARGS…      any command
 *   node tools/boot.mjs --sandbox ARGS…    builds what changed, then the sandbox
 *   node tools/boot.mjs --cli ARGS…        builds what changed, then the command line; stdout is its alone
 */
import { join } from 'node:path'

import { ensureBuilt } from './boot/build.mjs'
import { ensureInstalled } from './boot/install.mjs'
import { root } from './boot/paths.mjs'
import { runAttached, runSupervised } from './boot/run.mjs'

/** What the command line answers when it could not tell; a broken build must not look like a verdict. */
const CANNOT_TELL = 2

const [command, ...args] = process.argv.slice(2)

try {
  await main()
} catch (error) {
  process.stderr.write(`boot: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = command === '--cli' ? CANNOT_TELL : 1
}

async function main() {
  if (command === undefined) throw new Error('no command given')
  const env = await ensureInstalled()
  if (command === '--cli') {
    await ensureBuilt('@arc3088/cli', env)
    process.exitCode = await runAttached('node', [join(root, 'apps/cli/dist/main.js'), ...args], env)
    return
  }
  if (command === '--sandbox') {
    await ensureBuilt('everything', env)
    process.exitCode = await runSupervised('node', [join(root, 'apps/sandbox/dist/main.js'), ...args], env)
    return
  }
  process.exitCode = await runSupervised(command, args, env)
}
