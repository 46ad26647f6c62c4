import { createWitnessAsker, openDecisionBook, openIssuingNode, openNodeBase } from '@arc3088/issuer'
import { createLog, listen, openOutboundDoor, systemAmbient, type Ambient, type Log } from '@arc3088/service'

import { openAgreements } from './agreements/agreements.ts'
import { keepComparing } from './agreements/compare-events.ts'
import { keepDelivering } from './agreements/deliver.ts'
import { createRootApp } from './app.ts'
import { readKeySetsText, type RootConfig } from './config.ts'
import { ROOT_MIGRATIONS } from './db/migrations/index.ts'
import type { RootTables } from './db/tables.ts'
import type { RootDeps } from './deps.ts'
import { rootFigures } from './figures/root-figures.ts'
import { openForeignRoots } from './foreign-roots/foreign-roots.ts'
import { keepRefreshing } from './foreign-roots/keep-refreshing.ts'
import { joinKeySets } from './keys/accept-key-sets.ts'
import { openKeySetBook } from './keys/key-set-book.ts'
import { readStoredKeySets } from './keys/root-key-set.store.ts'
import { demandNamedFederationKey, walkRootKeySets } from './keys/root-key-sets.ts'
import { openToken } from './keys/token.ts'
import { openAuthorityLists } from './lists/authority-lists.ts'
import { DEFAULT_PROVIDER_PLAN } from './numbering.ts'
import { createDirectoryBook } from './providers/directory-book.ts'
import { federationKeysOf } from './providers/fresh-keys.ts'
import { createEntryJudge } from './providers/judge-status-entries.ts'
import { openProviderLives } from './providers/provider-lives.ts'
import { logOwnersOf } from './providers/log-owners.ts'
import { readRecognisedLogs } from './witness/recognised-logs.ts'
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
  // Over the connection of the leases, so that no transaction of the desk ever waits for it.
  const decisions = openDecisionBook({ db: base.leaseDb, keysDir, entityId, log })
  let publishedKeySets = () => keySets.published
  const { prefix } = config
  const lives = openProviderLives({
    db: base.db,
    prefix,
    entityId,
    decisions,
    federationKeys: () => federationKeysOf(publishedKeySets()),
    log,
  })
  const foreignRoots = openForeignRoots({ db: base.leaseDb, decisions, ambient, log, door })
  const rootKeySets = () => publishedKeySets()
  const agreements = openAgreements({ db: base.leaseDb, decisions, foreignRoots, entityId, rootKeySets, log })
  const recognised = { foreignRoots, agreements, entityId, ambient, log }
  const witnessing = await openWitnessing({
    readLogOwners: async (limit) => [
      ...(await readRecognisedLogs(recognised)),
      ...(await logOwnersOf(lives, limit)),
    ],
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
    demanded: (head) => witnessing.told(head).quorum,
    askWitness: createWitnessAsker(door, ambient),
    judgeEntries: createEntryJudge({ lives, ambient, log }),
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
  publishedKeySets = () => keySetBook.published()
  const keySetExpiresAt = () => keySetBook.expiresAt()
  for (const source of rootFigures({ db: node.db, ambient, decisions, keySetExpiresAt }))
    node.metrics.watch(source)
  const deps: RootDeps = {
    node,
    issuing: node.issuing(config.prefix),
    prefix: config.prefix,
    territory: config.territory,
    organizationName: config.organizationName,
    foreignRoots,
    agreements,
    decisions,
    lives,
    directory: createDirectoryBook({ lives, decisions, prefix, entityId, ambient, keys: node.keys }),
    lists: openAuthorityLists({ db: node.leaseDb, decisions, ambient, log, keys: node.keys, entityId }),
    get rootKeySets() {
      return keySetBook.published()
    },
    door,
    witnessing,
    applicationsPerHour: config.applicationsPerHour,
    clients: config.clients,
  }
  const refreshing = keepRefreshing(foreignRoots, { ambient, log })
  const delivering = keepDelivering(deps)
  const comparing = keepComparing(deps)
  const listener = await listen(createRootApp(deps).fetch, { host: config.host, port: config.port })
  log.info({ 'http.port': listener.port, 'entity.id': config.entityId }, 'root is listening')
  return {
    port: listener.port,
    deps,
    async stop() {
      await Promise.all([refreshing.stop(), delivering.stop(), comparing.stop()])
      await keySetBook.stop()
      await node.quiesce()
      await listener.stop()
      await node.close()
      token?.close()
      door.close()
    },
  }
}
