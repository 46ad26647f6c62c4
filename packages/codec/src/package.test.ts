import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const FOLDER = import.meta.dirname

test('the package imports nothing but its own files: no dependency, and nothing that a browser lacks', () => {
  const sources = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?<!\.test)\.ts$/.test(file),
  )
  expect(sources.length).toBeGreaterThan(20)
  for (const source of sources) {
    const text = readFileSync(join(FOLDER, source), 'utf8')
    const imported = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, from]) => from)
    expect(imported.filter((from) => from?.startsWith('.') !== true)).toEqual([])
    expect(text).not.toMatch(/\b(?:process|Buffer|require|globalThis|Date|Math\.random)\b[.(]/)
  }
  const manifest: unknown = JSON.parse(readFileSync(join(FOLDER, '../package.json'), 'utf8'))
  expect(manifest).not.toHaveProperty('dependencies')
})
