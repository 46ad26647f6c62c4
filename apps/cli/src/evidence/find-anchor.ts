import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import { UsageError } from '../failure.ts'

/** Where the sandbox leaves its key set, unless it was told another folder. */
const STATE_DIR = '.arc3088'

/** What only the repository's own folder has. */
const REPOSITORY_MARK = 'pnpm-workspace.yaml'

/**
 * The sandbox's key set: below the folder where the user stands, else in the repository. `ARC3088_STATE_DIR` means here
 * what it means to the sandbox. @throws UsageError where there is none.
 */
export function findAnchor(environment: Readonly<Record<string, string | undefined>>): string {
  const repository = folderWith(REPOSITORY_MARK, import.meta.dirname)
  const named = environment['ARC3088_STATE_DIR'] || undefined
  const folders =
    named === undefined ? [STATE_DIR, join(repository, STATE_DIR)] : [resolve(repository, named)]
  const files = folders.map((folder) => join(folder, 'anchor.json'))
  const file = files.find((each) => existsSync(each))
  if (file !== undefined) return file
  throw new UsageError(`--anchor: the key set to trust (there is no ${files.join(', nor ')})`)
}

/** The folder, or the nearest above it, that has the file; where none has it, the topmost. */
function folderWith(file: string, folder: string): string {
  const above = dirname(folder)
  return existsSync(join(folder, file)) || above === folder ? folder : folderWith(file, above)
}
