import { waitFor } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { exitCodeOf, isRunning, program, startSaying } from '../programs/processes.ts'

const boot = async (name: string) => {
  const started = await startSaying(process.execPath, ['tools/boot.mjs', 'node', program(name)])
  return { ...started, pid: Number(started.line.split(' ')[1]) }
}

test('passes a signal on once, and the exit code back', async () => {
  const { child, output } = await boot('tell-signals.mjs')
  // As a terminal and npm do together.
  child.kill('SIGINT')
  child.kill('SIGINT')
  expect(await exitCodeOf(child)).toBe(7)
  expect(output().split('\n').slice(1)).toEqual(['SIGINT', ''])
})

test('leaves no process when boot is killed', async () => {
  const { child, pid } = await boot('tell-signals.mjs')
  child.kill('SIGKILL')
  await waitFor(() => !isRunning(pid), { what: 'the command to notice' })
  expect(isRunning(pid)).toBe(false)
})

test('leaves no process when the shell above boot is killed', async () => {
  const command = `${process.execPath} tools/boot.mjs node ${program('tell-signals.mjs')}; true`
  const { child, line } = await startSaying('/bin/sh', ['-c', command])
  const pid = Number(line.split(' ')[1])
  expect(isRunning(pid)).toBe(true)
  child.kill('SIGKILL')
  await waitFor(() => !isRunning(pid), { what: 'boot to notice' })
  expect(isRunning(pid)).toBe(false)
})

test('ends what a command left behind, however stubborn', async () => {
  const { child, pid } = await boot('leave-child.mjs')
  expect(isRunning(pid)).toBe(true)
  expect(await exitCodeOf(child)).toBe(3)
  await waitFor(() => !isRunning(pid), { what: 'the child left behind' })
  expect(isRunning(pid)).toBe(false)
})
