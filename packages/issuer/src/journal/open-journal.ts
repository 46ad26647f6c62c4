import { mkdir } from 'node:fs/promises'

import { ConfigError, type Ambient } from '@arc3088/service'

import type { CodeKey } from '../assignment/code-key.ts'
import type { AppendedEntries, Journal } from './journal.ts'
import { createJournalFile } from './journal-file.ts'
import type { JournalMark } from './journal-line.ts'
import { createMarks, listMark, rangeMark, type JournalMarks } from './journal-marks.ts'
import { readJournal } from './read-journal.ts'

/** A file past this many bytes is followed by the next. */
const FILE_BYTES_MAX = 64 * 2 ** 20

/** The journal of one process, with what all processes of the node have written so far. */
export interface OpenJournal extends Journal {
  /** What stood in the folder when this process opened it, and what it has written since. */
  readonly marks: JournalMarks
  /** True where the folder held nothing when it was opened. */
  readonly wasEmpty: boolean
  /** Says that there is a journal, before anything is given: from now on an empty folder is one that was lost. */
  begin(): Promise<void>
  /** Every chosen code that was acknowledged, a batch at a time, as the folder has them now. */
  chosenCodes(): AsyncIterable<readonly CodeKey[]>
  /** Every run of log entries, in the order of the files, which need not be that of the leaves. */
  logEntries(): AsyncIterable<AppendedEntries>
  close(): Promise<void>
}

/**
 * Opens the folder: reads every file in it and begins files of its own, which nobody else writes. The folder must not
 * share a disk, nor a backup, with the database. Throws JournalDamage, ConfigError for another node's journal, or the
 * error of the file system.
 */
export async function openJournal(parts: {
  directory: string
  /** Whose journal it is: that of another node is refused, since nothing in it would be true here. */
  entityId: string
  ambient: Pick<Ambient, 'now' | 'newId'>
  /** Hears of the one error after which nothing more is journaled. */
  onFailure: (error: Error) => void
  fileBytesMax?: number
}): Promise<OpenJournal> {
  const { directory, entityId, ambient, onFailure, fileBytesMax: bytesMax = FILE_BYTES_MAX } = parts
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const marks = createMarks()
  let wasEmpty = true
  for await (const mark of readJournal(directory, 'marks')) {
    wasEmpty = false
    if (mark.t === 'node') {
      if (mark.entity_id === entityId) continue
      throw new ConfigError([
        `JOURNAL_DIR: ${directory} is the journal of ${mark.entity_id}, not of ${entityId}`,
      ])
    }
    marks.add(mark)
  }
  const startedAt = ambient.now().toISOString().replaceAll(/[-:]/g, '')
  const shared = { directory, name: `${startedAt}-${ambient.newId()}`, bytesMax, now: ambient.now, onFailure }
  const node: JournalMark = { t: 'node', entity_id: entityId }
  const heading = () => [node, ...marks.summary()]
  const marksFile = createJournalFile({ ...shared, suffix: 'marks.ndjson', heading })
  const entriesFile = createJournalFile({ ...shared, suffix: 'entries.ndjson', heading: () => [node] })

  return {
    marks,
    wasEmpty,
    begin: () => marksFile.append({ t: 'begun' }),
    async lease(mark) {
      const line =
        'rangeId' in mark ? ({ t: 'lease', range: mark.rangeId, up_to: mark.upTo } as const) : listMark(mark)
      marks.add(line)
      await marksFile.append(line)
    },
    async range(definition) {
      const line = rangeMark(definition)
      marks.add(line)
      await marksFile.append(line)
    },
    async chosen(keys) {
      if (keys.length === 0) return
      await marksFile.append({
        t: 'chosen',
        keys: keys.map(({ provider, requester, ontology, instance }) => {
          return [provider, requester, ontology, instance]
        }),
      })
    },
    async issue(mark) {
      const line = { t: 'issue', ...mark } as const
      await marksFile.append(line)
      marks.add(line)
    },
    async appended({ from, entries }) {
      if (entries.length === 0) return
      await entriesFile.append({ t: 'entries', from, entries: [...entries] })
    },
    async checkpoint(note) {
      const line = { t: 'checkpoint', note } as const
      marks.add(line)
      await marksFile.append(line)
    },
    async *chosenCodes() {
      for await (const mark of readJournal(directory, 'marks')) {
        if (mark.t !== 'chosen') continue
        yield mark.keys.map(([provider, requester, ontology, instance]) => {
          return { provider, requester, ontology, instance }
        })
      }
    },
    async *logEntries() {
      for await (const mark of readJournal(directory, 'entries')) {
        if (mark.t === 'entries') yield { from: mark.from, entries: mark.entries }
      }
    },
    async close() {
      await Promise.all([marksFile.close(), entriesFile.close()])
    },
  }
}
