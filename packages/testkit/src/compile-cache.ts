import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Node's own; a process that has it in its environment reads there what another one compiled. */
const COMPILE_CACHE = 'NODE_COMPILE_CACHE'

/**
 * Has processes that tests start share what each of them compiles, which is half of the time that a node takes to start
 * from source; until the end of the run. Call the answer to end it.
 */
export function shareCompileCache(): () => void {
  if (process.env[COMPILE_CACHE] !== undefined) return () => undefined
  const folder = mkdtempSync(join(tmpdir(), 'arc3088-compiled-'))
  process.env[COMPILE_CACHE] = folder
  return () => {
    Reflect.deleteProperty(process.env, COMPILE_CACHE)
    // A process that ends just now may still be writing there.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

/** All that a process started by a test takes over from this one, where it is to know nothing else of it. */
export function bareEnvironment(): Readonly<Record<string, string>> {
  const { PATH, [COMPILE_CACHE]: compileCache } = process.env
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(compileCache === undefined ? {} : { [COMPILE_CACHE]: compileCache }),
  }
}
