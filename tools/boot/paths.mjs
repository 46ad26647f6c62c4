import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const binaries = join(root, 'node_modules', '.bin')
/** Stamps and locks; in .gitignore. */
export const bootFolder = join(root, '.boot')
