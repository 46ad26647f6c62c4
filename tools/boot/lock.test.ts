import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, expect, test } from 'vitest'

import { withLock } from './lock.mjs'
import { bootFolder } from './paths.mjs'

const name = `test-${process.pid}`
const file = join(bootFolder, `${name}.lock`)
const counter = join(bootFolder, `${name}.counter`)

afterEach(() => {
  for (const path of [file, counter]) rmSync(path, { force: true })
})

test('lets one process in at a time', async () => {
  mkdirSync(bootFolder, { recursive: true })
  writeFileSync(counter, '0')
  const script = `
    import { readFileSync, writeFileSync } from 'node:fs'
    import { withLock } from '${join(import.meta.dirname, 'lock.mjs')}'
    for (let i = 0; i < 3; i++) await withLock('${name}', async () => {
      const n = Number(readFileSync('${counter}', 'utf8'))
      await new Promise((done) => setTimeout(done, 20))
      writeFileSync('${counter}', String(n + 1))
    })`
  const children = [0, 1, 2].map(() => spawn(process.execPath, ['--input-type=module', '-e', script]))
  await Promise.all(children.map(async (child) => await new Promise((done) => child.once('exit', done))))
  expect(readFileSync(counter, 'utf8')).toBe('9')
  expect(existsSync(file)).toBe(false)
})

test('takes over from a holder that was killed', async () => {
  const pid = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim()
  mkdirSync(bootFolder, { recursive: true })
  writeFileSync(file, pid)
  expect(await withLock(name, () => 'mine')).toBe('mine')
})

test('is free again after work that failed', async () => {
  const failing = withLock(name, () => {
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(existsSync(file)).toBe(false)
})
