import type { Subject } from '@arc3088/codec'
import { decodeBase64url, jcsDigest, type StatusValue } from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import { codeKeyOf } from '../assignment/code-key.ts'
import type { IssuerTables } from '../db/tables.ts'
import type { StatusIndex } from '../numbering/supply.ts'
import { insertStatusAct, upsertStatusEntry } from './status-list.store.ts'

/** A code that gets another value in its status list. */
export interface StatusChange {
  readonly subject: Subject
  /** Where the record of the code says that its status stands. */
  readonly status: StatusIndex
  readonly value: StatusValue
  readonly at: Date
}

/**
 * Sets the entry of a code (wire-format W7) and queues the act for log and feed, in the transaction of the
 * decision behind it. What is hashed is the JCS form of `{code, status, since}`: a status has no document of its own.
 */
export async function setStatus(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  change: StatusChange,
): Promise<void> {
  const { subject, status, value, at } = change
  const digest = await jcsDigest({ code: subject.text, status: value, since: numericDate(at) })
  const hash = decodeBase64url(digest.slice('sha-256:'.length))
  if (hash === undefined) throw new Error('A digest that we made is not base64url')
  await upsertStatusEntry(tx, { ...status, value, at })
  await insertStatusAct(tx, { id: ambient.newId(), key: codeKeyOf(subject), hash, at })
}
