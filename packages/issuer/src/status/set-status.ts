import { hash } from 'node:crypto'

import type { Subject } from '@arc3088/codec'
import { formatStatusTransition, type LogEntry, type StatusValue } from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { queueEntries } from '../log/log-queue.store.ts'
import type { StatusIndex } from '../numbering/supply.ts'
import { insertStatusChanges, placeText, upsertStatusEntries, type NewValue } from './status-change.store.ts'

/** A code that gets another value in its status list. */
export interface StatusChange {
  readonly subject: Subject
  /** Where the record of the code says that its status stands. */
  readonly status: StatusIndex
  readonly value: StatusValue
  readonly at: Date
  /** The name of the code in the log, in clear or hidden (W8 `c`); see `LogNamer`. */
  readonly logName: string
}

/** Sets the entry of one code; see {@link setStatusMany}. */
export async function setStatus(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  change: StatusChange,
): Promise<void> {
  await setStatusMany(tx, ambient, [change])
}

/**
 * Sets the entries of codes (wire-format W7), keeps the change of each for ever, and queues each for log and feed, in
 * the transaction of the decision behind it: three writes that exist together or not at all. What is hashed is the JCS
 * form of `{code, status, since}`, since a status has no document of its own.
 *
 * Along one entry time never runs backwards: where the clock of another process was ahead, its instant is kept.
 *
 * @throws Error where a code is given twice: one transaction has one word for a code.
 */
export async function setStatusMany(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  changes: readonly StatusChange[],
): Promise<void> {
  if (changes.length === 0) return
  const places = new Set(changes.map(({ status }) => placeText(status)))
  if (places.size < changes.length) throw new Error('One entry cannot be set twice at once')
  const since = await upsertStatusEntries(tx, changes.map(valueOf))
  const written = changes.map((change) => {
    const at = since.get(placeText(change.status)) ?? unwritten()
    const { subject, value } = change
    const text = formatStatusTransition({ code: subject.text, status: value, since: numericDate(at) })
    return { ...valueOf(change), at, logName: change.logName, hash: hash('sha256', text, 'buffer') }
  })
  await insertStatusChanges(tx, written)
  await queueEntries(tx, written.map(entryOf), ambient.now())
  ambient.reached('status:written')
}

/** The status of something that is no code: of a statement that the node signs about another. */
export interface DocumentStatus {
  readonly status: StatusIndex
  readonly value: StatusValue
  readonly at: Date
  /** What the document is about, as its issuer names it. */
  readonly about: string
}

/**
 * Sets entries that documents other than records refer to. Log and feed tell of codes, and of what was decided: they do
 * not tell of these.
 */
export async function setDocumentStatus(
  tx: Transaction<IssuerTables>,
  changes: readonly DocumentStatus[],
): Promise<void> {
  if (changes.length === 0) return
  const since = await upsertStatusEntries(tx, changes.map(valueOf))
  const written = changes.map((change) => {
    const at = since.get(placeText(change.status)) ?? unwritten()
    const text = formatStatusTransition({ code: change.about, status: change.value, since: numericDate(at) })
    return { ...valueOf(change), at, hash: hash('sha256', text, 'buffer') }
  })
  await insertStatusChanges(tx, written)
}

function entryOf(change: { logName: string; hash: Buffer; at: Date }): LogEntry {
  const { logName, at } = change
  return { v: 1, t: 'status', c: logName, h: change.hash.toString('base64url'), i: numericDate(at) }
}

function valueOf({ status, value, at }: Pick<StatusChange, 'status' | 'value' | 'at'>): NewValue {
  return { list: status.list, index: status.index, value, at }
}

function unwritten(): never {
  throw new Error('An entry was left unwritten')
}
