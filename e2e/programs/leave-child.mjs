/** Ends at once, and leaves a child behind that ignores everything but SIGKILL. */
import { spawn } from 'node:child_process'

const ignore = 'process.on("SIGTERM", () => 0); process.on("SIGHUP", () => 0); setInterval(() => 0, 1000)'
const child = spawn(process.execPath, ['-e', ignore], { stdio: 'ignore' })
process.stdout.write(`ready ${child.pid}\n`)
child.unref()
setTimeout(() => process.exit(3), 300)
