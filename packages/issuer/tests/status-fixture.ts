import {
  asInstanceNumber,
  asOntologyNumber,
  asProviderNumber,
  asRequesterNumber,
  buildCode,
  HOME_PREFIX,
} from '@arc3088/codec'
import { connect } from '@arc3088/db'
import {
  createMemorySigner,
  generateSigningKey,
  readStatusListToken,
  statusAt,
  type Signer,
  type StatusListToken,
  type StatusValue,
} from '@arc3088/records'
import { systemAmbient, type Ambient } from '@arc3088/service'
import type { TestDatabase } from '@arc3088/testkit'
import type { Kysely, Transaction } from 'kysely'

import type { IssuerTables } from '../src/index.ts'
import { setStatusMany, type StatusChange } from '../src/status/set-status.ts'
import { createStatusLists, type StatusLists } from '../src/status/status-lists.ts'

/** The address of a list of the tests. */
export const statusListUri = (list: number): string => `https://p1.example/status/${list}`

/** Opens lists 0 … count-1, wholly leased. */
export async function openLists(database: TestDatabase<IssuerTables>, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    await database.db
      .insertInto('status_list')
      .values({
        number,
        level: 'instance',
        leased: 131_072,
        scramble_key: new Uint8Array(16),
        opened_at: new Date(),
      })
      .execute()
  }
}

/** A change of the code whose serial is its place. */
export function changeOf(list: number, index: number, value: StatusValue, at = new Date()): StatusChange {
  const subject = buildCode({
    prefix: HOME_PREFIX,
    provider: asProviderNumber(1),
    requester: asRequesterNumber(42),
    ontology: asOntologyNumber(list + 1),
    instance: asInstanceNumber(index + 1),
  })
  return { subject, status: { list, index }, value, at, logName: subject.text }
}

/** Changes entries in one transaction. */
export async function change(
  db: Kysely<IssuerTables>,
  changes: readonly StatusChange[],
  ambient: Ambient = systemAmbient(),
): Promise<void> {
  await db.transaction().execute((tx) => setStatusMany(tx, ambient, changes))
}

/** A transaction that stays open until it is told how to end. */
export interface OpenTransaction {
  readonly tx: Transaction<IssuerTables>
  commit(): Promise<void>
}

/** Begins a transaction and hands it out. */
export async function begin(db: Kysely<IssuerTables>): Promise<OpenTransaction> {
  const begun = Promise.withResolvers<Transaction<IssuerTables>>()
  const ending = Promise.withResolvers<void>()
  const ended = db.transaction().execute(async (tx) => {
    begun.resolve(tx)
    await ending.promise
  })
  ended.catch((error: unknown) => begun.reject(error))
  return {
    tx: await begun.promise,
    async commit() {
      ending.resolve()
      await ended
    },
  }
}

/** One process that keeps lists, over a pool of its own. */
export interface ListsProcess extends AsyncDisposable {
  readonly lists: StatusLists
  readonly db: Kysely<IssuerTables>
}

/** A signer of status lists. */
export async function createStatusKey(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}

/** Starts a process that keeps the lists of a database. */
export async function startLists(
  database: TestDatabase<IssuerTables>,
  options: {
    ambient?: Partial<Ambient>
    signer?: () => Signer
    listsKeptMax?: number
    changesReadMax?: number
  } = {},
): Promise<ListsProcess> {
  const { ambient = {}, signer, ...bounds } = options
  const key = await createStatusKey()
  const db = connect<IssuerTables>({
    url: database.appUrl,
    max: 3,
    applicationName: 'lists-test',
    onIdleError: () => undefined,
  })
  const lists = createStatusLists({
    db,
    ambient: { ...systemAmbient(), ...ambient },
    signer: signer ?? (() => key),
    entityId: 'https://p1.example',
    ttlSeconds: 300,
    statusListUri,
    ...bounds,
  })
  return { lists, db, [Symbol.asyncDispose]: () => db.destroy() }
}

/** The claims of a token that must be one. */
export function claimsOf(token: string | undefined): StatusListToken {
  if (token === undefined) throw new Error('there is no such list')
  const read = readStatusListToken(token)
  if (read.kind === 'rejected') throw new Error(read.detail)
  return read.claims
}

/** What a list says of an entry. */
export async function statusIn(lists: StatusLists, list: number, index: number): Promise<StatusValue> {
  return await statusAt(claimsOf(await lists.sign(list)), index)
}
