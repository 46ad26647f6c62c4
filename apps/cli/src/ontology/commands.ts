import type { CommandRow } from '../command-row.ts'

/** What requesters do with the ontologies of their own. */
export const ONTOLOGY_COMMANDS: readonly CommandRow[] = [
  {
    name: 'ontology draft',
    args: '--url PROVIDER --description FILE',
    summary: 'put an agent down as a draft, which nobody reviews yet',
    load: async () => (await import('./draft.ts')).draft,
  },
  {
    name: 'ontology edit',
    args: 'ID --url PROVIDER --description FILE [--if-match ETAG]',
    summary: 'replace the description of a draft, or of one that was returned',
    load: async () => (await import('./draft.ts')).edit,
  },
  {
    name: 'ontology show',
    args: 'ID --url PROVIDER',
    summary: 'one ontology of the holder of the token, with the ETAG that an edit may name',
    load: async () => (await import('./draft.ts')).show,
  },
  {
    name: 'ontology submit',
    args: '--url PROVIDER (--description FILE | --id ID)',
    summary: 'put an agent down and hand it to the desk, or hand in a draft that is there',
    load: async () => (await import('./submit.ts')).submit,
  },
  {
    name: 'ontology list',
    args: '--url PROVIDER [--state STATE] [--before ID] [--limit N]',
    summary: 'the ontologies of the holder of the token, newest first',
    load: async () => (await import('./list.ts')).list,
  },
]
