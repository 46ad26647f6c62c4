import { postgresFor } from '@arc3088/local-postgres'

import { shareCompileCache } from './compile-cache.ts'
import { dropEverythingOf } from './test-database.ts'
import { announceTestRun } from './test-run.ts'

/** One PostgreSQL for the whole run: POSTGRES_ADMIN_URL, or the packaged one, which goes when the run ends. */
export async function setup(): Promise<() => Promise<void>> {
  const server = await postgresFor({ durable: false })
  const run = announceTestRun(server.adminUrl)
  const endCompileCache = shareCompileCache()
  return async () => {
    try {
      await dropEverythingOf(run)
    } finally {
      await server.stop()
      endCompileCache()
    }
  }
}
