import {
  decodeBase64url,
  readAssignmentRecord,
  recordHash,
  type CompactJws,
  type LogEntryType,
} from '@arc3088/records'
import { LRUCache } from 'lru-cache'

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
    options?: { readonly type?: LogEntryType; readonly against?: number },
  ): Promise<(string | undefined)[]>
  /** The size of the checkpoint that proves what a key signed which signs no more; undefined for any other key. */
  checkpointOf?(kid: string): Promise<number | undefined>
  /** The size of the checkpoint that proves a record by an entity that serves no more; undefined for any other. */
  checkpointOfTerm?(record: CompactJws): Promise<number | undefined>
}

/** The newest head that witnesses have seen, or the newest where none has been seen. */
export async function readStanding(log: AnsweringLog): Promise<LogStanding> {
  const head = await log.head()
  const { size, root } = head.witnessed ?? head
  return { origin: log.origin, size, root }
}

/**
 * Proofs of the assignments of records, by record hash; those that are still to come are left out (W6 `tlog_proofs`).
 * What a former key signed is proved from within its life (W8), and what a former entity signed from within its term
 * (W2): against a later checkpoint it would prove nothing.
 */
export async function proveRecords(
  log: AnsweringLog,
  records: readonly CompactJws[],
): Promise<Record<string, string>> {
  const byCheckpoint = new Map<number | undefined, string[]>()
  for (const record of records) {
    const against = leastOf(
      await log.checkpointOf?.(signingKeyOf(record)),
      await log.checkpointOfTerm?.(record),
    )
    byCheckpoint.set(against, [...(byCheckpoint.get(against) ?? []), await recordHash(record)])
  }
  const proven = await Promise.all(
    [...byCheckpoint].map(async ([against, hashes]) => {
      const proofs = await log.proofsOf(hashes.map(bytesOf), against === undefined ? {} : { against })
      return hashes.flatMap((hash, nth) => {
        const proof = proofs[nth]
        return proof === undefined ? [] : [[hash, proof] as const]
      })
    }),
  )
  return Object.fromEntries(proven.flat())
}

function leastOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}

/** Every record of one key begins with the same header. */
const keysByHeader = new LRUCache<string, string>({ max: 1000 })

/** The `kid` of a record that this node signed. */
export function signingKeyOf(record: CompactJws): string {
  const header = record.slice(0, record.indexOf('.'))
  const known = keysByHeader.get(header)
  if (known !== undefined) return known
  const read = readAssignmentRecord(record)
  if (read.kind === 'rejected') throw new Error(`A stored record is not one: ${read.detail}`)
  keysByHeader.set(header, read.kid)
  return read.kid
}

function bytesOf(hash: string): Uint8Array {
  const bytes = decodeBase64url(hash)
  if (bytes === undefined) throw new Error('A record hash that we made is not base64url')
  return bytes
}
