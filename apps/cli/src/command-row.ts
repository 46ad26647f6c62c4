import type { Command } from './command.ts'

/** One command: how it is called, and where it is. What is not called is not loaded. */
export interface CommandRow {
  readonly name: string
  /** What follows the name. */
  readonly args: string
  readonly summary: string
  load(): Promise<Command>
}
