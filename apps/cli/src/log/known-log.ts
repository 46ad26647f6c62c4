import { createRegistryClient, fetchDocumentOver } from '@arc3088/client'
import type { LogMetadata } from '@arc3088/records'
import { parseVkey } from '@arc3088/tlog'

import { readAnchorFile } from '../evidence/read-evidence-file.ts'
import { CannotTell, UsageError } from '../failure.ts'
import type { Terminal } from '../terminal.ts'

export const KNOWN_LOG_OPTIONS = {
  vkey: { type: 'string' },
  anchor: { type: 'string' },
  root: { type: 'string' },
} as const

/** Whose log it is: what the anchor says of it, or the key that was named; undefined where nobody said. */
export async function knownLog(
  url: string,
  values: { vkey?: string | undefined; anchor?: string | undefined; root?: string | undefined },
  terminal: Terminal,
): Promise<LogMetadata | undefined> {
  if (values.vkey !== undefined && values.anchor !== undefined) {
    throw new UsageError('--vkey names the key; --anchor finds it: one of them')
  }
  if (values.vkey !== undefined) {
    const key = parseVkey(values.vkey)
    if (key?.algorithm !== 1) throw new UsageError('--vkey: the verifier key of a log, name+id+key')
    return { url, origin: key.name, vkeys: [values.vkey], quorum: 0 }
  }
  if (values.anchor === undefined) return undefined
  const client = createRegistryClient({
    anchor: readAnchorFile(values.anchor),
    ...(values.root === undefined ? {} : { rootUrl: values.root }),
    fetchDocument: fetchDocumentOver(fetch),
    now: () => terminal.now(),
  })
  const log = await client.findLog(url)
  if (log === undefined) throw new CannotTell(`the anchor names no log at ${new URL(url).origin}`)
  return log
}

/** The address of a log or node. @throws UsageError */
export function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new UsageError('an http or https address')
  return url.href
}
