import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

import type { Level, Subject } from '@arc3088/codec'
import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'

import type { IssuerTables } from '../db/tables.ts'
import { readLogKeyRows } from './log-key.store.ts'

/** What decides, besides its level, whether the log may show a code. What is not known is not shown. */
export interface Disclosure {
  readonly requesterKind?: 'organization' | 'natural-person'
  readonly isDiscoverable?: boolean
}

/**
 * The rule of W8: providers, organisation requesters and discoverable ontologies stand in clear in the log; natural
 * persons, instances and every other ontology under the requester's key.
 */
export function isPublicName(level: Level, { requesterKind, isDiscoverable }: Disclosure = {}): boolean {
  switch (level) {
    case 'provider':
      return true
    case 'requester':
      return requesterKind === 'organization'
    case 'ontology':
      return isDiscoverable === true
    case 'instance':
      return false
  }
}

/** A code that gets a log entry, and whether the log may show it; see {@link isPublicName}. */
export interface NamedSubject {
  readonly subject: Subject
  readonly isPublic: boolean
}

/** Gives codes the names under which they stand in the log (W8 `c`), in the order asked. */
export interface LogNamer {
  /** Throws where a hidden code's requester has no log key: every requester got one with its code. */
  namesOf(db: Kysely<IssuerTables>, wanted: readonly NamedSubject[]): Promise<string[]>
}

/** Keys never change once they are committed, so a process reads each once. */
const KEYS_KEPT_MAX = 10_000

/** Builds the namer of one process. `hiddenLogName` of records says the same, a hundred times slower. */
export function createLogNamer(): LogNamer {
  const kept = new LRUCache<number, KeyObject>({ max: KEYS_KEPT_MAX })

  async function keysFor(
    db: Kysely<IssuerTables>,
    requesters: ReadonlySet<number>,
  ): Promise<ReadonlyMap<number, KeyObject>> {
    const found = new Map<number, KeyObject>()
    const missing: number[] = []
    for (const requester of requesters) {
      const known = kept.get(requester)
      if (known === undefined) missing.push(requester)
      else found.set(requester, known)
    }
    for (const { requester, key: bytes, isSettled } of await readLogKeyRows(db, missing)) {
      const key = createSecretKey(bytes)
      // A key of a transaction that fails never was: kept, it would hide the requester's codes for nobody to find.
      if (isSettled) kept.set(requester, key)
      found.set(requester, key)
    }
    return found
  }

  return {
    async namesOf(db, wanted) {
      const hidden = wanted.filter(({ isPublic }) => !isPublic)
      const keys = await keysFor(db, new Set(hidden.map(({ subject }) => subject.requester)))
      return wanted.map(({ subject, isPublic }) => {
        if (isPublic) return subject.text
        const key = keys.get(subject.requester)
        if (key === undefined) throw new Error(`The requester of ${subject.text} has no log key`)
        return createHmac('sha256', key).update(subject.text).digest('base64url')
      })
    },
  }
}
