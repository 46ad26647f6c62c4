import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { relative } from 'node:path'

import { onParentDeath } from './parent.mjs'
import { root } from './paths.mjs'

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** The sandbox drains its nodes and stops PostgreSQL after them; this is far beyond what that takes. */
const STOP_MS = 40_000
/** What the command's own processes get, after it has ended, before they are killed. */
const LEFTOVERS_MS = 5_000
/** A terminal's Ctrl-C arrives from the terminal and again from npm: one wish, not two. */
const SAME_WISH_MS = 1_000

/**
 * Runs a command that may start processes of its own: in a session of its own, so that one Ctrl-C arrives once, and so
 * that nothing of it survives boot, npm or the shell above. A `node` command gets a channel, and sees it close
 * (`disconnect`) when boot is killed. Answers the exit code.
 */
export async function runSupervised(command, args, env) {
  const channel = command === 'node' ? ['ipc'] : []
  const child = spawn(command, args, {
    cwd: root,
    env,
    detached: true,
    stdio: ['inherit', 'inherit', 'inherit', ...channel],
  })
  const lastWish = new Map()
  const stop = (signal) => {
    const now = performance.now()
    if (now - (lastWish.get(signal) ?? -Infinity) < SAME_WISH_MS) return
    lastWish.set(signal, now)
    child.kill(signal)
    setTimeout(() => signalGroup(child.pid, 'SIGKILL'), STOP_MS).unref()
  }
  const code = await finish(child, command, stop)
  await endLeftovers(child.pid)
  return code
}

/** Runs a command that is one process and belongs to the terminal: stdin, Ctrl-C and all. Answers the exit code. */
export async function runAttached(command, args, env) {
  const child = spawn(command, args, { cwd: userFolder(), env, stdio: 'inherit' })
  return await finish(child, command, (signal) => child.kill(signal))
}

/** File names on the command line are relative to where the user stands; npm goes to the repository's folder first. */
function userFolder() {
  const { INIT_CWD, npm_lifecycle_event } = process.env
  const cameByNpm = npm_lifecycle_event !== undefined && relative(process.cwd(), root) === ''
  return cameByNpm && INIT_CWD !== undefined ? INIT_CWD : process.cwd()
}

async function finish(child, command, stop) {
  for (const signal of FORWARDED) process.on(signal, () => stop(signal))
  const unwatch = onParentDeath(() => stop('SIGTERM'))
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', (error) => reject(new Error(`${command} could not be started: ${error.message}`)))
      child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
    })
  } finally {
    unwatch()
  }
}

async function endLeftovers(group) {
  if (!signalGroup(group, 'SIGTERM')) return
  const deadline = performance.now() + LEFTOVERS_MS
  while (signalGroup(group, 0)) {
    if (performance.now() > deadline) {
      signalGroup(group, 'SIGKILL')
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** False when nobody is left in the group. */
function signalGroup(group, signal) {
  try {
    return group !== undefined && process.kill(-group, signal)
  } catch {
    return false
  }
}
