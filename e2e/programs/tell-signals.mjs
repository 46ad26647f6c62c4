/** Says `ready`, then each signal and the loss of its channel, and ends at the first of either. */
process.stdout.write(`ready ${process.pid}\n`)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    process.stdout.write(`${signal}\n`)
    process.exit(7)
  })
}
process.on('disconnect', () => process.exit(8))
setInterval(() => undefined, 1_000)
