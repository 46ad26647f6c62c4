/** Owns a PostgreSQL server and waits to be killed; from dist, as the sandbox has it. */
import { startLocalPostgres } from '@arc3088/local-postgres'

const { adminUrl, pid, guardianPid, port } = await startLocalPostgres()
process.stdout.write(`${JSON.stringify({ adminUrl, pid, guardianPid, port })}\n`)
setInterval(() => undefined, 1_000)
