import { connect, pendingMigrations, type MigrationOwner } from '@arc3088/db'
import type { RootPrefix } from '@arc3088/codec'
import type { KeyRing } from '@arc3088/records'
import {
  createAuthenticator,
  createMetrics,
  type Ambient,
  type Authenticate,
  type Log,
  type Metrics,
  type ReadinessCheck,
} from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { Issuing } from '../assignment/issuing.ts'
import { issuerTables } from '../assignment/assignment.store.ts'
import { pingDatabase } from '../db/ping.ts'
import type { IssuerTables } from '../db/tables.ts'
import { createLogNamer } from '../log/log-name.ts'
import { ensureNumberingPlan } from '../numbering/ensure-numbering-plan.ts'
import type { NumberingPlan } from '../numbering/numbering-plan.ts'
import { createSupply, type Supply } from '../numbering/supply.ts'
import { createTokenFinder, type ReadPrincipal } from '../operators/find-token-holder.ts'
import { createStatusListSigner, type SignStatusList } from '../status/sign-status-list.ts'
import { readStatusListNumbers } from '../status/status-list.store.ts'
import type { StatusDoor } from '../status/status.route.ts'

/** What an issuing node is opened with. */
export interface IssuingNodeOptions<Tables extends IssuerTables> {
  readonly service: string
  readonly entityId: string
  readonly databaseUrl: string
  readonly databaseConnections: number
  /** Used where the database has no plan yet. */
  readonly defaultPlan: NumberingPlan
  readonly migrations: readonly MigrationOwner[]
  readonly keys: KeyRing
  readonly ambient: Ambient
  readonly log: Log
  /** How long readers may keep this node's status tokens (wire-format W7). */
  readonly statusTtlSeconds: number
  /** Kinds of principal besides operators. */
  principalKinds?(db: Kysely<Tables>): Readonly<Record<string, ReadPrincipal>>
}

/** The parts that root and provider have in common, opened and ready. */
export interface IssuingNode<Tables extends IssuerTables> {
  readonly entityId: string
  readonly db: Kysely<Tables>
  readonly ambient: Ambient
  readonly log: Log
  readonly metrics: Metrics
  readonly keys: KeyRing
  readonly plan: NumberingPlan
  readonly supply: Supply
  readonly authenticate: Authenticate
  readonly statusDoor: StatusDoor
  readonly readiness: readonly ReadinessCheck[]
  /** What records are issued with, once the prefix is known. */
  issuing(prefix: RootPrefix): Issuing
  close(): Promise<void>
}

const STATEMENT_SECONDS_MAX = 30
const IDLE_IN_TRANSACTION_SECONDS_MAX = 30

/** Connects, makes sure of a numbering plan, and builds what every issuing node has. */
export async function openIssuingNode<Tables extends IssuerTables>(
  options: IssuingNodeOptions<Tables>,
): Promise<IssuingNode<Tables>> {
  const { service, entityId, ambient, log, keys } = options
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
  const issuerDb = issuerTables(db)
  const plan = await ensureNumberingPlan(issuerDb, ambient, options.defaultPlan)
  const statusListUri = (list: number): string => `${entityId}/status/${list}`
  const signStatusList: SignStatusList = createStatusListSigner({
    db: issuerDb,
    ambient,
    signer: keys.active('status'),
    entityId,
    ttlSeconds: options.statusTtlSeconds,
    statusListUri,
  })
  const logNames = createLogNamer()
  return {
    entityId,
    db,
    ambient,
    log,
    metrics: createMetrics(service),
    keys,
    plan,
    supply: createSupply(leaseDb, ambient),
    authenticate: createAuthenticator(createTokenFinder(issuerDb, options.principalKinds?.(db) ?? {}), () =>
      ambient.now(),
    ),
    statusDoor: {
      signStatusList,
      ttlSeconds: options.statusTtlSeconds,
      listUris: async () => (await readStatusListNumbers(issuerDb)).map(statusListUri),
    },
    readiness: [
      { name: 'database', check: () => pingDatabase(db) },
      { name: 'migrations', check: () => demandMigrated(db, options.migrations) },
    ],
    issuing: (prefix) => ({
      ambient,
      entityId,
      prefix,
      plan: () => plan,
      logNames,
      demandWritable: () => undefined,
      journalChosen: () => Promise.resolve(),
      signer: keys.active('issuing'),
      statusListUri,
    }),
    async close() {
      await Promise.all([db.destroy(), leaseDb.destroy()])
    },
  }
}

async function demandMigrated<Tables>(db: Kysely<Tables>, owners: readonly MigrationOwner[]): Promise<void> {
  const pending = await pendingMigrations(db, owners)
  if (pending.length > 0) throw new Error(`not yet run: ${pending.join(', ')}`)
}
