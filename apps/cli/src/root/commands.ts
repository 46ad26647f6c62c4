import type { CommandRow } from '../command-row.ts'

/** The ceremony by which the next key set of a root comes about (wire-format W1). */
export const ROOT_COMMANDS: readonly CommandRow[] = [
  {
    name: 'root request',
    args: '--sets FILE --out FILE [--entity-id URL] [--root-key FILE]… [--federation-key FILE]… [--drop KID]… [--threshold M] [--days N] [--from TIME]',
    summary:
      'ask the holders of root keys for the next key set: a file to carry to them, and its fingerprint',
    load: async () => (await import('./request.ts')).request,
  },
  {
    name: 'root sign',
    args: 'REQUEST --key FILE [--passphrase-file FILE] [--fingerprint TEXT --out FILE] [--instead-of NONCE]…',
    summary: 'say what a request asks to be signed; with its fingerprint, sign it. Needs no network',
    load: async () => (await import('./sign.ts')).sign,
  },
  {
    name: 'root assemble',
    args: 'REQUEST ANSWER… --sets FILE --out FILE [--pin FILE]',
    summary:
      'put the answers of root keys together, verify the result as anybody would, and write the key sets',
    load: async () => (await import('./assemble.ts')).assemble,
  },
]
