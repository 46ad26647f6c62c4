import type { CommandRow } from '../command-row.ts'

/** What the people of a desk do about themselves: sessions, tokens, who is there. */
export const PEOPLE_COMMANDS: readonly CommandRow[] = [
  {
    name: 'desk sessions start',
    args: '--url NODE --officer-key FILE [--passphrase-file FILE] [--entity-id URL]',
    summary: 'begin a session with your own key, and print its token',
    load: async () => (await import('./sessions.ts')).start,
  },
  {
    name: 'desk sessions end',
    args: '--url NODE',
    summary: 'end the session whose token is given',
    load: async () => (await import('./sessions.ts')).end,
  },
  {
    name: 'desk tokens create',
    args: '--url NODE --label TEXT [--scope ACTION]… [--days N]',
    summary: 'make a token of your own, for these actions or for all of your role; it is shown this once',
    load: async () => (await import('./tokens.ts')).create,
  },
  {
    name: 'desk tokens list',
    args: '--url NODE',
    summary: 'tokens and sessions of your own that are in force',
    load: async () => (await import('./tokens.ts')).list,
  },
  {
    name: 'desk tokens revoke',
    args: 'ID --url NODE',
    summary: 'revoke a token or session: your own, or anybody’s as an administrator',
    load: async () => (await import('./tokens.ts')).revoke,
  },
  {
    name: 'desk operators list',
    args: '--url NODE [--before ID] [--limit N]',
    summary: 'the people of the desk, and whom pending proposals would add',
    load: async () => (await import('./operators.ts')).list,
  },
  {
    name: 'desk operators invite',
    args: 'ID --url NODE',
    summary: 'an invitation for somebody without a key, to make a token of their own with',
    load: async () => (await import('./operators.ts')).invite,
  },
]
