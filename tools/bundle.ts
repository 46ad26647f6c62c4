/**
 * Bundles the program of the app in the working directory, `src/main.ts`, into `dist/main.js`. Types are `tsc`'s business.
 *
 * A node reads some 1,300 modules otherwise, half of them of libraries, and spends two thirds of its start on it.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

import { rolldown } from 'rolldown'

/** What stays a module of its own: Node's, and what is there only where somebody wants it. */
const EXTERNAL = [/^node:/, 'pg-native', '@arc3088/pkcs11-signer']

const app = process.cwd()
const dist = join(app, 'dist')
removeFormer()
const bundle = await rolldown({
  input: join(app, 'src/main.ts'),
  platform: 'node',
  external: EXTERNAL,
  resolve: { conditionNames: ['@arc3088/source', 'node', 'default'] },
})
try {
  await bundle.write({
    dir: dist,
    format: 'esm',
    entryFileNames: 'main.js',
    chunkFileNames: 'parts/[name]-[hash].js',
  })
} finally {
  await bundle.close()
}

/** Parts are named by what is in them, so those of the last build would lie there for ever; so would what `tsc` once emitted. */
function removeFormer(): void {
  for (const { name, parentPath } of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (/\.js(\.map)?$/.test(name)) rmSync(join(parentPath, name))
  }
}
