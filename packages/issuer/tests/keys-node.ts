import { readLogEntry, type NodeKeyPurpose } from '@arc3088/records'
import { createLog, systemAmbient, type Ambient, type Log } from '@arc3088/service'
import { createTestKeys, type TestDatabase, type TestKeys } from '@arc3088/testkit'

import type { IssuerTables } from '../src/db/tables.ts'
import { createFileKeyDriver } from '../src/keys/file-key-driver.ts'
import type { KeyDriver } from '../src/keys/key-driver.ts'
import type { KeyLog, KeyParts } from '../src/keys/key-parts.ts'
import { readKeys } from '../src/keys/key.store.ts'
import { openKeyRing, type LiveKeyRing } from '../src/keys/open-key-ring.ts'
import { createIssuerDatabase } from './test-issuer.ts'

export const PURPOSES: readonly NodeKeyPurpose[] = ['federation', 'issuing', 'status', 'tlog']
export const ACTOR = { actor: 'tester', reason: 'yearly' }

/** Keys of a node over a database and a folder of its own. */
export interface KeysNode extends AsyncDisposable {
  readonly database: TestDatabase<IssuerTables>
  readonly keys: TestKeys
  readonly driver: KeyDriver
  /** A log that has taken everything and has no witness to wait for. */
  readonly log: KeyLog
  /** What the node said. */
  readonly logged: readonly string[]
  parts(change?: Partial<KeyParts>): KeyParts
  /** Opens a process of the node; it is closed with the node. */
  open(change?: Partial<KeyParts>): Promise<LiveKeyRing>
  states(): Promise<string[]>
  entries(): Promise<string[]>
}

/** Makes a node whose clock the test can move. */
export async function createKeysNode(options: { passphrase?: string } = {}): Promise<KeysNode> {
  const database = await createIssuerDatabase()
  const keys = await createTestKeys(PURPOSES)
  const driver = createFileKeyDriver({ directory: keys.directory, ...options }, systemAmbient().randomBytes)
  const rings: LiveKeyRing[] = []
  const logged: string[] = []
  const log: Log = createLog({
    level: 'debug',
    service: 'test',
    destination: { write: (line) => void logged.push(line) },
  })
  const parts = (change: Partial<KeyParts> = {}): KeyParts => ({
    db: database.db,
    ambient: systemAmbient(),
    entityId: 'https://p1.example',
    drivers: new Map([[driver.scheme, driver]]),
    driver,
    endorsedBy: 'self',
    rootKeySetKids: new Set(),
    ...change,
  })
  const entries = async () =>
    (await database.db.selectFrom('log_queue').select('entries').orderBy('id').execute()).flatMap(
      (row) => row.entries,
    )
  return {
    database,
    keys,
    driver,
    logged,
    parts,
    entries,
    log: {
      head: async () => ({ size: (await entries()).length, witnessed: { size: (await entries()).length } }),
      proofOf: async (hash) => {
        const wanted = Buffer.from(hash).toString('base64url')
        return (await entries()).find((entry) => readLogEntry(entry)?.h === wanted)
      },
      keepCheckpoint: async () => ({ size: (await entries()).length, witnessedAt: new Date(Date.now()) }),
    },
    async open(change = {}) {
      const ring = await openKeyRing({
        ...parts(change),
        purposes: PURPOSES,
        log,
        demandNotPutBack: () => Promise.resolve(),
      })
      rings.push(ring)
      return ring
    },
    states: async () =>
      (await readKeys(database.db)).map(({ purpose, state }) => `${purpose} ${state}`).toSorted(),
    async [Symbol.asyncDispose]() {
      await Promise.all(rings.map((ring) => ring.stop()))
      await database.drop()
      keys[Symbol.dispose]()
    },
  }
}

/** The ambient of a node that stands still at an instant, and dies at a step where one is named. */
export function ambientAt(at: Date, dieAt?: string): Ambient {
  return {
    ...systemAmbient(),
    now: () => at,
    reached(step) {
      if (step === dieAt) throw new Error(`killed at ${step}`)
    },
  }
}
