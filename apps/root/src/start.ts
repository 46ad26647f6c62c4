import { createWitnessAsker, openDecisionBook, openIssuingNode, openNodeBase } from '@arc3088/issuer'
import { createLog, listen, openOutboundDoor, systemAmbient, type Ambient, type Log } from '@arc3088/service'

import { createRootApp } from './app.ts'
import { readKeySetsText, type RootConfig } from './config.ts'
import { ROOT_MIGRATIONS } from './db/migrations/index.ts'
import type { RootTables } from './db/tables.ts'
import type { RootDeps } from './deps.ts'
import { joinKeySets } from './keys/accept-key-sets.ts'
import { openKeySetBook } from './keys/key-set-book.ts'
import { readStoredKeySets } from './keys/root-key-set.store.ts'
import { demandNamedFederationKey, walkRootKeySets } from './keys/root-key-sets.ts'
import { openToken } from './keys/token.ts'
import { openAuthorityLists } from './lists/authority-lists.ts'
import { DEFAULT_PROVIDER_PLAN } from './numbering.ts'
import { readLogOwners } from './providers/provider.store.ts'
import { openWitnessing } from './witness/witnessing.ts'

/** A root that answers. */
export interface RunningRoot {
  readonly port: number
  readonly deps: RootDeps
  stop(): Promise<void>
}

/** Wire-format W7: a root's own status lists are kept for a minute at most. */
const ROOT_STATUS_TTL_SECONDS = 60

/** Starts a root: keys, database, door, then the port. Throws before it listens when anything is unusable. */
export async function startRoot(
  config: RootConfig,
  parts: { ambient?: Ambient; log?: Log } = {},
): Promise<RunningRoot> {
  const ambient = parts.ambient ?? systemAmbient()
  const log = parts.log ?? createLog({ level: config.logLevel, service: 'root' })
  const { entityId, keysDir } = config
  const given = await walkRootKeySets(config.rootKeySetsText, entityId)
  const token = await openToken(config.token)
  const base = await openNodeBase<RootTables>({
    service: 'root',
    entityId,
    databaseUrl: config.databaseUrl,
    databaseConnections: config.databaseConnections,
    keysDir,
    keyPassphraseFile: config.keyPassphraseFile,
    keyDrivers: token === undefined ? [] : [token],
    journalDir: config.journalDir,
    endorsedBy: 'self',
    rootKeySetKids: new Set(given.newest.keys.federation.map(({ kid }) => kid)),
    migrations: ROOT_MIGRATIONS,
    ambient,
    log,
  })
  const keySets = await joinKeySets({ entityId }, given, await readStoredKeySets(base.db, 1))
  demandNamedFederationKey(keySets, base.keys.active('federation').kid)
  const door = openOutboundDoor({ allowLoopbackHttp: config.allowLoopbackHttp })
  const witnessing = await openWitnessing({
    readLogOwners: (limit) => readLogOwners(base.db, limit),
    ambient,
    log,
    quorumWished: config.logQuorum,
  })
  const node = await openIssuingNode(base, {
    defaultPlan: DEFAULT_PROVIDER_PLAN,
    statusTtlSeconds: ROOT_STATUS_TTL_SECONDS,
    journalDir: config.journalDir,
    feedRetentionChanges: config.feedRetentionChanges,
    witnesses: witnessing.witnesses,
    quorum: witnessing.quorum,
    askWitness: createWitnessAsker(door, ambient),
  })
  const keySetBook = openKeySetBook({
    db: base.db,
    ambient,
    entityId,
    log,
    sets: keySets,
    readText: () => readKeySetsText(config),
    demandWritable: () => node.gate.demandWritable(),
  })
  // Over the connection of the leases, so that no transaction of the desk ever waits for it.
  const decisions = openDecisionBook({ db: node.leaseDb, keysDir, entityId, log })
  const deps: RootDeps = {
    node,
    issuing: node.issuing(config.prefix),
    prefix: config.prefix,
    territory: config.territory,
    organizationName: config.organizationName,
    decisions,
    lists: openAuthorityLists({ db: node.leaseDb, decisions, ambient, log, keys: node.keys, entityId }),
    get rootKeySets() {
      return keySetBook.published()
    },
    door,
    witnessing,
    applicationsPerHour: config.applicationsPerHour,
  }
  const listener = await listen(createRootApp(deps).fetch, { host: config.host, port: config.port })
  log.info({ 'http.port': listener.port, 'entity.id': config.entityId }, 'root is listening')
  return {
    port: listener.port,
    deps,
    async stop() {
      await keySetBook.stop()
      await node.quiesce()
      await listener.stop()
      await node.close()
      token?.close()
      door.close()
    },
  }
}
