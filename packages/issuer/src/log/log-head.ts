import { encodeBase64url } from '@arc3088/records'
import type { Ambient } from '@arc3088/service'
import { EMPTY_ROOT, parseCheckpoint, parseNote, signCheckpoint, type NoteSigner } from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { readShownCheckpoints } from './log-checkpoint.store.ts'
import { LogContradiction } from './stored-edge.ts'

/** What the log shows of itself. */
export interface LogHead {
  readonly size: number
  /** base64url, 32 bytes. */
  readonly root: string
  /** The signed checkpoint. */
  readonly note: string
  /** The newest checkpoint that reached its quorum; it has its cosignatures. */
  readonly witnessed?: WitnessedHead
}

export interface WitnessedHead {
  readonly size: number
  readonly root: string
  readonly note: string
  readonly witnessedAt: Date
}

/** What other processes have published is seen after so long. */
const HEAD_AGE_MS_MAX = 250

/** The head from memory, read again when it is older than 250 ms, by one query for all that ask. */
export interface HeadMemory {
  read(): Promise<LogHead>
  refresh(): Promise<LogHead>
}

export interface HeadMemoryParts {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly origin: string
  readonly signer: () => NoteSigner
}

/** Builds the memory of one process. */
export function createHeadMemory({ db, ambient, origin, signer }: HeadMemoryParts): HeadMemory {
  let head: { value: LogHead; readAt: number } | undefined
  let reading: Promise<LogHead> | undefined

  async function readStored(): Promise<LogHead> {
    const readAt = ambient.now().getTime()
    const { published, witnessed } = await readShownCheckpoints(db)
    const { size, note } = published ?? { size: 0, note: await signEmpty() }
    const base = { size, note, root: rootOfNote(note, head?.value) }
    const value =
      witnessed === undefined || witnessed.witnessedAt === null
        ? base
        : {
            ...base,
            witnessed: {
              size: witnessed.size,
              note: witnessed.note,
              root: rootOfNote(witnessed.note, head?.value.witnessed),
              witnessedAt: witnessed.witnessedAt,
            },
          }
    head = { value, readAt }
    return value
  }

  /** Of a log without entries there is one thing to say, and it stays true: nothing needs to be stored for it. */
  async function signEmpty(): Promise<string> {
    if (head?.value.size === 0) return head.value.note
    return await signCheckpoint({ origin, size: 0, root: EMPTY_ROOT }, signer())
  }

  async function refresh(): Promise<LogHead> {
    // Whoever asks for a fresh head must not get one that was being read before; its failure is for those who asked then.
    await reading?.catch(() => undefined)
    return await start()
  }

  function start(): Promise<LogHead> {
    reading ??= readStored().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    async read() {
      const age = head === undefined ? Infinity : ambient.now().getTime() - head.readAt
      return head !== undefined && age <= HEAD_AGE_MS_MAX ? head.value : await start()
    },
    refresh,
  }
}

/** Reads the root of a stored note, unless it is the one known already. */
function rootOfNote(note: string, known: { note: string; root: string } | undefined): string {
  if (known?.note === note) return known.root
  const checkpoint = parseCheckpoint(parseNote(note)?.body ?? '')
  if (checkpoint === undefined) throw new LogContradiction('a stored checkpoint is none')
  return encodeBase64url(checkpoint.root)
}
