import { connect, pendingMigrations, type MigrationOwner } from '@arc3088/db'
import type { KeyPurpose } from '@arc3088/records'
import {
  createAuthenticator,
  createMetrics,
  type Ambient,
  type Authenticator,
  type Log,
  type Metrics,
  type ReadinessCheck,
} from '@arc3088/service'
import type { Kysely } from 'kysely'

import { issuerTables } from '../assignment/assignment.store.ts'
import { pingDatabase } from '../db/ping.ts'
import type { IssuerTables } from '../db/tables.ts'
import { createFileKeyDriver } from '../keys/file-key-driver.ts'
import type { KeyDriver } from '../keys/key-driver.ts'
import type { KeyParts } from '../keys/key-parts.ts'
import { readKeyPassphrase } from '../keys/key-passphrase.ts'
import { openKeyRing, type LiveKeyRing } from '../keys/open-key-ring.ts'
import { demandNotPutBack } from '../restore/demand-restored.ts'
import { createTokenFinder, type ReadPrincipal } from '../operators/find-token-holder.ts'

/** Purposes of the keys that every issuing node signs with. */
const NODE_PURPOSES = ['federation', 'issuing', 'status', 'tlog'] as const satisfies readonly KeyPurpose[]

/** What a node is opened with, whatever it issues. */
export interface NodeBaseOptions<Tables extends IssuerTables> {
  readonly service: string
  readonly entityId: string
  /**
   * The entity under which this database was begun, where it is another: journal, log and the addresses of status lists
   * keep its name for ever. Default: the node's own.
   */
  readonly foundedAs?: string | undefined
  readonly databaseUrl: string
  readonly databaseConnections: number
  readonly keysDir: string
  readonly keyPassphraseFile?: string | undefined
  /** A folder off the database, which no backup of it puts back; first keys are held against it. */
  readonly journalDir: string
  /** More drivers for private keys than files, such as a hardware module. */
  readonly keyDrivers?: readonly KeyDriver[]
  readonly endorsedBy: KeyParts['endorsedBy']
  readonly rootKeySetKids?: ReadonlySet<string>
  readonly migrations: readonly MigrationOwner[]
  readonly ambient: Ambient
  readonly log: Log
  /** Kinds of principal besides operators. */
  principalKinds?(db: Kysely<Tables>): Readonly<Record<string, ReadPrincipal>>
}

/** A node's database, keys and figures: what it needs before it knows who watches over it. */
export interface NodeBase<Tables extends IssuerTables> {
  readonly service: string
  readonly entityId: string
  /** The entity under which this database was begun: its log and its status lists keep that name for ever. */
  readonly foundedAs: string
  readonly db: Kysely<Tables>
  /** One connection for leases: a lease taken while every pooled connection waits for one would never come. */
  readonly leaseDb: Kysely<IssuerTables>
  /** One connection whose session is the leader's of the log. */
  readonly leaderDb: Kysely<IssuerTables>
  readonly keys: LiveKeyRing
  readonly ambient: Ambient
  readonly log: Log
  readonly metrics: Metrics
  readonly authenticate: Authenticator
  readonly readiness: readonly ReadinessCheck[]
  close(): Promise<void>
}

const STATEMENT_SECONDS_MAX = 30
const IDLE_IN_TRANSACTION_SECONDS_MAX = 30

/** Connects and opens the keys. Throws ConfigError naming what is unusable. */
export async function openNodeBase<Tables extends IssuerTables>(
  options: NodeBaseOptions<Tables>,
): Promise<NodeBase<Tables>> {
  const { service, entityId, ambient, log } = options
  const open = (max: number, purpose: string) =>
    connect<Tables>({
      url: options.databaseUrl,
      max,
      applicationName: `${service}-${purpose}`,
      onIdleError: (error) => log.warn({ err: error }, 'an idle database connection broke'),
      statementTimeoutMs: STATEMENT_SECONDS_MAX * 1000,
      idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_SECONDS_MAX * 1000,
    })
  const db = open(options.databaseConnections, 'main')
  const leaseDb = issuerTables(open(1, 'lease'))
  const leaderDb = issuerTables(open(1, 'log'))
  const closeDatabases = async () => {
    await Promise.all([db.destroy(), leaseDb.destroy(), leaderDb.destroy()])
  }
  let keys: LiveKeyRing
  try {
    keys = await openKeys(options, issuerTables(db))
  } catch (error) {
    await closeDatabases()
    throw error
  }
  const now = () => ambient.now()
  const findToken = createTokenFinder(issuerTables(db), options.principalKinds?.(db) ?? {}, now)
  return {
    service,
    entityId,
    foundedAs: options.foundedAs ?? entityId,
    db,
    leaseDb,
    leaderDb,
    keys,
    ambient,
    log,
    metrics: createMetrics(service),
    authenticate: createAuthenticator(findToken, now),
    readiness: [
      { name: 'database', check: () => pingDatabase(db) },
      { name: 'migrations', check: () => demandMigrated(db, options.migrations) },
    ],
    async close() {
      await keys.stop()
      await closeDatabases()
    },
  }
}

async function openKeys<Tables extends IssuerTables>(
  options: NodeBaseOptions<Tables>,
  db: Kysely<IssuerTables>,
): Promise<LiveKeyRing> {
  const { entityId, ambient, log, keysDir: directory, endorsedBy, rootKeySetKids } = options
  const passphrase = readKeyPassphrase(options.keyPassphraseFile)
  const folder = { directory, ...(passphrase === undefined ? {} : { passphrase }) }
  const driver = createFileKeyDriver(folder, (length) => ambient.randomBytes(length))
  const drivers = new Map([driver, ...(options.keyDrivers ?? [])].map((each) => [each.scheme, each]))
  return await openKeyRing({
    db,
    ambient,
    entityId,
    drivers,
    driver,
    endorsedBy,
    ...(rootKeySetKids === undefined ? {} : { rootKeySetKids }),
    purposes: NODE_PURPOSES,
    demandNotPutBack: () =>
      demandNotPutBack({
        directory: options.journalDir,
        entityId: options.foundedAs ?? entityId,
        db,
        ambient,
      }),
    log,
  })
}

async function demandMigrated<Tables>(db: Kysely<Tables>, owners: readonly MigrationOwner[]): Promise<void> {
  const pending = await pendingMigrations(db, owners)
  if (pending.length > 0) throw new Error(`not yet run: ${pending.join(', ')}`)
}
