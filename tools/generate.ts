/**
 * `npm run generate` writes what is derived from source; `--check` writes nothing and fails where the files differ.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { GENERATORS } from './generate/generators.ts'
import { root } from './subprocess.ts'

const checking = process.argv.includes('--check')
let different = 0

for (const { name, owns, generate } of GENERATORS) {
  const files = await generate()
  const stale = owns.flatMap((glob) => globSync(glob, { cwd: root })).filter((path) => !files.has(path))
  const changed = [...files].filter(([path, text]) => textOf(path) !== text).map(([path]) => path)
  different += changed.length + stale.length
  process.stdout.write(
    `${name}: ${files.size} files${[...files.keys()].map((path) => `\n  ${path}`).join('')}\n`,
  )
  for (const path of stale)
    process.stdout.write(`  ${path}: nothing generates it${checking ? '' : ', removed'}\n`)
  for (const path of changed)
    process.stdout.write(`  ${path}: ${checking ? 'is not up to date' : 'written'}\n`)
  if (checking) continue
  for (const path of stale) rmSync(join(root, path))
  for (const path of changed) write(path, files.get(path) ?? '')
}

if (checking && different > 0) {
  process.stdout.write('run `npm run generate` and commit what it wrote\n')
  process.exitCode = 1
}

function textOf(path: string): string | undefined {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function write(path: string, text: string): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
