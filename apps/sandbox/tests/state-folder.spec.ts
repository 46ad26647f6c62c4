import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { openSecrets } from '../src/secrets.ts'
import { forgetState, openStateFolder } from '../src/state-folder.ts'

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'arc3088-state-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

test('forgets what a sandbox keeps, and nothing that was there before', () => {
  writeFileSync(join(path, 'thesis.txt'), 'mine')
  const folder = openStateFolder(path)
  openSecrets(folder.secrets, 3000)
  forgetState(folder)
  expect(readdirSync(path)).toEqual(['thesis.txt'])
})

test('keeps secrets for their owner alone, and gives the same ones again', () => {
  const folder = openStateFolder(path)
  const secrets = openSecrets(folder.secrets, 4000)
  secrets.change('root', { operators: ['one', 'two'] })
  expect(statSync(folder.secrets).mode & 0o777).toBe(0o600)
  const again = openSecrets(folder.secrets, 5000)
  expect(again.current()).toEqual(secrets.current())
  expect(again.node('root').operators).toEqual(['one', 'two'])
  expect(existsSync(`${folder.secrets}.draft`)).toBe(false)
})
