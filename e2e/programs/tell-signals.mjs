/** Says `ready` once it listens, then each signal and the loss of its channel, and ends at the first of either. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    process.stdout.write(`${signal}\n`)
    process.exit(7)
  })
}
process.on('disconnect', () => process.exit(8))
setInterval(() => undefined, 1_000)
process.stdout.write(`ready ${process.pid}\n`)
