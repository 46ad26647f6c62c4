import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { UsageError } from '../failure.ts'

/** Where the sandbox leaves its key set, unless it was told another folder. */
const STATE_DIR = '.arc3088'

/** The sandbox's key set. @throws UsageError where there is none. */
export function findAnchor(environment: Readonly<Record<string, string | undefined>>): string {
  const file = join(environment['ARC3088_STATE_DIR'] ?? STATE_DIR, 'anchor.json')
  if (existsSync(file)) return file
  throw new UsageError(`--anchor: the key set to trust (there is no ${file})`)
}
