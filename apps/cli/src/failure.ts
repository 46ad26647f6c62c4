/** The command line itself is wrong: exit 2, with the usage of the command. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Refused, by us or by a node: exit 1. `whole` is what `--json` shows of it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string
  readonly whole: Readonly<Record<string, unknown>>

  constructor(code: string, detail: string, whole: Readonly<Record<string, unknown>> = { code, detail }) {
    super(detail)
    this.code = code
    this.whole = whole
  }
}

/** Nobody could be asked, or nothing could be read: exit 2. */
export class CannotTell extends Error {
  override readonly name = 'CannotTell'
}
