import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

import { RegistryError } from '@arc3088/problems'

import { FIRST_CHECKSUM, formatJournalLine, type JournalMark } from './journal-line.ts'

/** A run of files that one process appends to. */
export interface JournalFile {
  /** Resolves when the mark is on the disk. What is told in one turn, or while a flush runs, shares the next flush. */
  append(mark: JournalMark): Promise<void>
  /** Waits for what is being written and closes the file. */
  close(): Promise<void>
}

interface Waiting {
  readonly mark: JournalMark
  resolve(): void
  reject(error: unknown): void
}

/**
 * Appends to `<name>-<number>.<suffix>`, going on to the next number past `bytesMax`. After one error nothing more is
 * written: what the kernel still holds of a failed fsync is unknown, and trying again would only hide it.
 */
export function createJournalFile(parts: {
  directory: string
  name: string
  suffix: string
  bytesMax: number
  now: () => Date
  /** What each new file begins with. */
  heading: () => readonly JournalMark[]
  onFailure: (error: Error) => void
}): JournalFile {
  const { directory, bytesMax } = parts
  let waiting: Waiting[] = []
  let flushing: Promise<void> | undefined
  let failure: RegistryError | undefined
  let handle: FileHandle | undefined
  let number = 0
  let bytes = 0
  let checksum = FIRST_CHECKSUM

  /** Opens the next file under a name that was never used; its entry in the folder is made durable by the caller. */
  async function nextFile(): Promise<FileHandle> {
    await handle?.close()
    handle = undefined
    const digits = String(++number).padStart(6, '0')
    handle = await open(join(directory, `${parts.name}-${digits}.${parts.suffix}`), 'ax', 0o600)
    bytes = 0
    checksum = FIRST_CHECKSUM
    return handle
  }

  async function flush(marks: readonly JournalMark[]): Promise<void> {
    const fresh = handle === undefined || bytes >= bytesMax
    const file = handle === undefined || fresh ? await nextFile() : handle
    const line = formatJournalLine(
      { at: parts.now(), marks: fresh ? [...parts.heading(), ...marks] : marks },
      checksum,
    )
    const written = Buffer.from(line.text)
    await file.appendFile(written)
    await file.datasync()
    // A file that was deleted takes every write and loses it.
    if ((await file.stat()).nlink === 0)
      throw new Error('a file of the journal was deleted while it was written')
    if (fresh) await syncDirectory(directory)
    bytes += written.length
    checksum = line.checksum
  }

  async function flushAll(): Promise<void> {
    // One turn lets marks that are told together share the line.
    await Promise.resolve()
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        await flush(group.map(({ mark }) => mark))
        for (const one of group) one.resolve()
      } catch (error) {
        const cause = error instanceof Error ? error : new Error(String(error))
        failure = new RegistryError('node-read-only', 'The journal of this node cannot be written', { cause })
        for (const one of [...group, ...waiting]) one.reject(failure)
        waiting = []
        parts.onFailure(cause)
      }
    }
    flushing = undefined
  }

  return {
    append(mark) {
      if (failure !== undefined) return Promise.reject(failure)
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ mark, resolve, reject })
      flushing ??= flushAll()
      return promise
    },
    async close() {
      await flushing
      await handle?.close()
      handle = undefined
      failure ??= new RegistryError('node-read-only', 'The journal of this node is closed')
    },
  }
}

/** Makes the entry of a new file in its folder durable. */
async function syncDirectory(directory: string): Promise<void> {
  const folder = await open(directory, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
