/** Something that its reader can mend; shown without a stack. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError'
}
