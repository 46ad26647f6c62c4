import { arch, availableParallelism, cpus } from 'node:os'

/** What a figure was measured on. */
export function machine(): { node: string; cpu: string; cores: number } {
  return { node: process.version, cpu: cpus()[0]?.model ?? arch(), cores: availableParallelism() }
}
