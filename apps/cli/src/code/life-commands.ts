import type { CommandRow } from '../command-row.ts'

/** What becomes of a code after it was assigned. */
export const LIFE_COMMANDS: readonly CommandRow[] = [
  {
    name: 'code lock',
    args: 'CODE --url PROVIDER --reason TEXT',
    summary: 'lock an instance, or an ontology with all its instances',
    load: async () => (await import('./life.ts')).lock,
  },
  {
    name: 'code unlock',
    args: 'CODE --url PROVIDER --reason TEXT',
    summary: 'end a lock; what the desk locked only a reviewer unlocks',
    load: async () => (await import('./life.ts')).unlock,
  },
  {
    name: 'code retire',
    args: 'CODE --url PROVIDER --reason TEXT',
    summary: 'retire a code for ever; it stays resolvable, and is never given again',
    load: async () => (await import('./life.ts')).retire,
  },
]
