import type { CommandRow } from '../command-row.ts'

/** What the desk of a root does with applications. */
export const APPLICATION_COMMANDS: readonly CommandRow[] = [
  {
    name: 'desk applications list',
    args: '--url ROOT [--state STATE] [--before ID] [--limit N]',
    summary: 'applications to become a provider, newest first',
    load: async () => (await import('./applications.ts')).list,
  },
  {
    name: 'desk applications take',
    args: 'ID --url ROOT',
    summary: 'take an application up',
    load: async () => (await import('./applications.ts')).take,
  },
  {
    name: 'desk applications show',
    args: 'ID --url ROOT',
    summary: 'the whole file of an application, with the time that each step took',
    load: async () => (await import('./applications.ts')).show,
  },
  {
    name: 'desk applications return',
    args: 'ID --url ROOT --reason TEXT --item WORD=TEXT…',
    summary: 'give an application back for completion',
    load: async () => (await import('./applications.ts')).giveBack,
  },
  {
    name: 'desk applications reject',
    args: 'ID --url ROOT --reason TEXT --ground WORD=TEXT… [--officer-key FILE]',
    summary: 'propose to reject an application, on grounds that are public',
    load: async () => (await import('./applications.ts')).proposeRejection,
  },
  {
    name: 'desk applications propose',
    args: 'ID --url ROOT --reason TEXT [--code P] [--officer-key FILE]',
    summary: 'propose to assign a provider code; without --code, the next',
    load: async () => (await import('./applications.ts')).propose,
  },
]
