/** A process that owns a server and then only waits: run by the tests, which kill it. Takes a folder, or nothing. */
import { startLocalPostgres } from '../src/index.ts'

const [dataDir] = process.argv.slice(2)
const { adminUrl, pid, guardianPid } = await startLocalPostgres(dataDir === undefined ? {} : { dataDir })
process.stdout.write(`${JSON.stringify({ adminUrl, pid, guardianPid })}\n`)
setInterval(() => undefined, 1_000)
