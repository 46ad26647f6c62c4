import { recordHash, decodeBase64url, type CompactJws, type LogEntryType } from '@arc3088/records'

/** Where a log stands, as a live answer says it (wire-format W5 `log`). */
export interface LogStanding {
  readonly origin: string
  readonly size: number
  readonly root: string
}

/** What answering asks of the log of this node; `NodeLog` is one. */
export interface AnsweringLog {
  readonly origin: string
  head(): Promise<{
    readonly size: number
    readonly root: string
    readonly witnessed?: { readonly size: number; readonly root: string }
  }>
  /** The tlog-proofs of the entries of these hashes, in the order asked; undefined for what no checkpoint covers yet. */
  proofsOf(
    hashes: readonly Uint8Array[],
    options?: { readonly type?: LogEntryType },
  ): Promise<(string | undefined)[]>
}

/** The newest head that witnesses have seen, or the newest where none has been seen. */
export async function readStanding(log: AnsweringLog): Promise<LogStanding> {
  const head = await log.head()
  const { size, root } = head.witnessed ?? head
  return { origin: log.origin, size, root }
}

/** Proofs of the assignments of records, by record hash; those that are still to come are left out (W6 `tlog_proofs`). */
export async function proveRecords(
  log: AnsweringLog,
  records: readonly CompactJws[],
): Promise<Record<string, string>> {
  const hashes = await Promise.all(records.map((record) => recordHash(record)))
  const proofs = await log.proofsOf(hashes.map(bytesOf))
  return Object.fromEntries(
    hashes.flatMap((hash, nth) => {
      const proof = proofs[nth]
      return proof === undefined ? [] : [[hash, proof]]
    }),
  )
}

function bytesOf(hash: string): Uint8Array {
  const bytes = decodeBase64url(hash)
  if (bytes === undefined) throw new Error('A record hash that we made is not base64url')
  return bytes
}
