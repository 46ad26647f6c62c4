import { readFileSync } from 'node:fs'

const POLL_MS = 250

/**
 * Calls back once when the process that wants us is gone. That is our parent; under `npm run` it is npm, and between
 * the two there may be a shell that outlives it. Returns the function that stops watching.
 */
export function onParentDeath(callback) {
  const parent = process.ppid
  const beyond = process.env.npm_lifecycle_event === undefined ? undefined : shellParentOf(parent)
  // Started by init, or in the background of something that has already gone: nobody to outlive.
  if (parent <= 1) return () => undefined
  const timer = setInterval(() => {
    if (process.ppid === parent && (beyond === undefined || parentOf(parent) === beyond)) return
    clearInterval(timer)
    callback()
  }, POLL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

function shellParentOf(pid) {
  const shell = /^\d+ \((sh|dash|bash|ash|busybox)\)/.test(stat(pid))
  return shell ? parentOf(pid) : undefined
}

function parentOf(pid) {
  const text = stat(pid)
  const ppid = text.slice(text.lastIndexOf(')') + 2).split(' ')[1]
  return ppid === undefined ? undefined : Number(ppid)
}

/** Empty where there is no /proc, or no such process. */
function stat(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}
