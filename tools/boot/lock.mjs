import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { bootFolder } from './paths.mjs'

/** Longer than any install; a lock older than this belongs to a pid that has been used again. */
const STALE_MS = 900_000

/** Runs `work` while no other boot of this checkout does. A lock whose holder was killed is taken over. */
export async function withLock(name, work) {
  mkdirSync(bootFolder, { recursive: true })
  const file = join(bootFolder, `${name}.lock`)
  let told = false
  while (!take(file)) {
    if (!told) process.stderr.write(`boot: waiting for another boot of this checkout (${file})\n`)
    told = true
    await sleep(100)
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  breakIfStale(file)
  return false
}

/** One at a time, or the second to notice would remove the lock that the first has just taken. */
function breakIfStale(file) {
  const breaker = `${file}.breaking`
  try {
    mkdirSync(breaker)
  } catch {
    // Somebody is at it; but not for seconds, unless killed just then.
    if (ageMs(breaker) > 10_000) rmSync(breaker, { recursive: true, force: true })
    return
  }
  try {
    if (ageMs(file) > STALE_MS || !isAlive(holderOf(file))) rmSync(file, { force: true })
  } finally {
    rmdirSync(breaker)
  }
}

/** NaN while the holder is between creating the file and writing its pid. */
function holderOf(file) {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10)
  } catch {
    return Number.NaN
  }
}

function isAlive(pid) {
  if (Number.isNaN(pid)) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function ageMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs
}
