import { parentOf, type Subject } from '@arc3088/codec'
import { recordHash, type CompactJws } from '@arc3088/records'
import { LRUCache } from 'lru-cache'

import { readListedRecords } from '../assignment/assignment.store.ts'
import { codeKeyOf } from '../assignment/code-key.ts'
import { coalesce } from '../coalescing/coalesce.ts'
import { readOwnSubject, type CodeAuthority } from './answer-code.ts'
import { proveRecords } from './answering-log.ts'
import { isOfFormerKey } from './collect-evidence.ts'

/** A record of this node, and the proof that it stands in its log. */
export interface RecordPart {
  /** Of this reading of it: another one has another number in this process. */
  readonly number: number
  readonly jws: CompactJws
  readonly hash: string
  readonly proof: string
  /** The number of its status list. */
  readonly list: number
  /** The text of what is above it, where this node assigned that too. */
  readonly parent: string | undefined
}

/** Records with their proofs, from memory or by one query for all that are asked for at the same time. */
export interface RecordParts {
  /**
   * By the text of the code. Undefined where there is no such record, none is proven yet, or a former key signed it: what
   * is said with that one changes with the history of keys. With an age, in milliseconds, no part is older than that.
   * Throws as `readOwnSubject` does.
   */
  find(text: string, ageMax?: number): RecordPart | undefined | Promise<RecordPart | undefined>
}

const PARTS_BYTES_MAX = 64 * 1024 * 1024
/** A proof stays true; but a log that gets its first witness has better ones from then on. */
const PARTS_MILLISECONDS = 60_000
const BOUNDS = { itemsMax: 256, runsMax: 2, waitingMax: 20_000 }

/** Builds the memory of one process. */
export function createRecordParts(authority: () => CodeAuthority): RecordParts {
  const kept = new LRUCache<string, RecordPart>({
    maxSize: PARTS_BYTES_MAX,
    ttl: PARTS_MILLISECONDS,
    // Proofs are written with a dash that makes them two bytes a character.
    sizeCalculation: ({ jws, proof }, text) => jws.length + 2 * proof.length + text.length + 512,
  })
  let partsRead = 0
  const read = coalesce<Subject, RecordPart | undefined>(async (subjects) => {
    const found = await readParts(authority(), subjects)
    return found.map((part) => (part === undefined ? undefined : { ...part, number: (partsRead += 1) }))
  }, BOUNDS)

  async function load(text: string): Promise<RecordPart | undefined> {
    const part = await read(readOwnSubject(authority(), text))
    if (part !== undefined) kept.set(text, part)
    return part
  }

  return {
    find(text, ageMax = PARTS_MILLISECONDS) {
      const age = PARTS_MILLISECONDS - kept.getRemainingTTL(text)
      return (age < ageMax ? kept.get(text) : undefined) ?? load(text)
    },
  }
}

async function readParts(
  authority: CodeAuthority,
  subjects: readonly Subject[],
): Promise<(Omit<RecordPart, 'number'> | undefined)[]> {
  const { log } = authority
  if (log === undefined) return subjects.map(() => undefined)
  const records = await readListedRecords(authority.db, subjects.map(codeKeyOf))
  const present = records.flatMap((record) =>
    record === undefined || isOfFormerKey(authority, record.jws) ? [] : record.jws,
  )
  const proofs = await proveRecords(log, present)
  return await Promise.all(
    subjects.map(async (subject, nth) => {
      const record = records[nth]
      if (record === undefined) return undefined
      const hash = await recordHash(record.jws)
      const { [hash]: proof } = proofs
      if (proof === undefined) return undefined
      const parent = parentOf(subject)
      const isOwn = parent !== undefined && authority.answersFor(parent)
      return { ...record, hash, proof, parent: isOwn ? parent.text : undefined }
    }),
  )
}
