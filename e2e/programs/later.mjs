/** Preloaded by `node --import`: a process for which it is so many seconds later than it is (SECONDS_LATER). */
const milliseconds = Number(process.env['SECONDS_LATER'] ?? '0') * 1000
const Now = Date

globalThis.Date = class extends Now {
  constructor(...given) {
    if (given.length === 0) super(Now.now() + milliseconds)
    else super(...given)
  }

  static now() {
    return Now.now() + milliseconds
  }
}
