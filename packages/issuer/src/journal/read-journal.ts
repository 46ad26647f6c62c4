import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { FIRST_CHECKSUM, readJournalLine, type JournalMark } from './journal-line.ts'

const NEWLINE = 0x0a
const NUL = 0x00

/** A file of the journal is not as it was written. */
export class JournalDamage extends Error {
  readonly file: string
  readonly line: number

  constructor(file: string, line: number) {
    super(`${file}, line ${line}: the journal is damaged here`)
    this.name = 'JournalDamage'
    this.file = file
    this.line = line
  }
}

/** Which files of the folder: `marks` (leases, chosen codes, checkpoints) or `entries` (of the log). */
export type JournalKind = 'marks' | 'entries'

/** The file's names of one kind, oldest first by the start of their process. Other files are nobody's business here. */
export async function journalFiles(directory: string, kind: JournalKind): Promise<string[]> {
  const names = await readdir(directory)
  return names.filter((name) => name.endsWith(`.${kind}.ndjson`)).toSorted()
}

/**
 * Reads every mark of a kind, file by file. A last line that a crash tore is passed over: nothing in it was ever
 * acknowledged. Throws JournalDamage for anything else that is not as it was written.
 */
export async function* readJournal(
  directory: string,
  kind: JournalKind,
): AsyncGenerator<JournalMark, void, void> {
  for (const file of await journalFiles(directory, kind)) {
    yield* readJournalFile(file, await readFile(join(directory, file)))
  }
}

/** Reads the marks of one file. */
export function* readJournalFile(file: string, bytes: Buffer): Generator<JournalMark, void, void> {
  let checksum = FIRST_CHECKSUM
  let line = 0
  for (let start = 0; start < bytes.length;) {
    line++
    const end = bytes.indexOf(NEWLINE, start)
    // A line is written and synced as one: without its newline, or with pages that were never written, it is torn.
    if (end === -1) return
    const slice = bytes.subarray(start, end)
    const read = readJournalLine(slice.toString('utf8'), checksum)
    if (read === undefined) {
      if (end === bytes.length - 1 && slice.includes(NUL)) return
      throw new JournalDamage(file, line)
    }
    yield* read.marks
    checksum = read.checksum
    start = end + 1
  }
}
