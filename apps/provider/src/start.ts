import {
  createWitnessAsker,
  createRecordParts,
  expressBundle,
  expressProof,
  expressRecord,
  issuerTables,
  keepTermEnds,
  logVkey,
  openIssuingNode,
  openNodeBase,
  ownLogMetadata,
} from '@arc3088/issuer'
import { STATUS_TOKEN_TTL_SECONDS } from '@arc3088/records'
import {
  ConfigError,
  createLog,
  listen,
  openOutboundDoor,
  systemAmbient,
  type Ambient,
  type Log,
} from '@arc3088/service'
import { pinAnchor, type PinnedAnchor } from '@arc3088/trust'

import { keepAdvised } from './advisories/keep-advised.ts'
import { createProviderApp } from './app.ts'
import { readWord, saveWord } from './appointment/appointment.store.ts'
import { readFounder } from './appointment/stored-log.ts'
import { keepAppointment } from './appointment/keep-appointment.ts'
import { createLogTeller } from './appointment/tell-log.ts'
import { createAssigners } from './assigners.ts'
import type { ProviderConfig } from './config.ts'
import { PROVIDER_MIGRATIONS } from './db/migrations/index.ts'
import type { ProviderTables } from './db/tables.ts'
import type { ProviderDeps } from './deps.ts'
import { describeProvider } from './federation/self-description.ts'
import { providerFigures } from './figures/provider-figures.ts'
import { expressRegistration } from './instances/instance.express.ts'
import { keepEndorsed } from './keys/keep-endorsed.ts'
import { openToken } from './keys/token.ts'
import { DEFAULT_NUMBERING_PLAN } from './numbering.ts'
import { rememberAbove } from './resolution/evidence.ts'
import { codeAuthority } from './resolution/own-codes.ts'
import { rememberRequesterCodes } from './requesters/requester-codes.ts'
import { readRequesterCode, readRequesterPrincipal } from './requesters/requester.store.ts'
import { witnessingOf } from './witness/witnessing.ts'

/** A provider that answers. */
export interface RunningProvider {
  readonly port: number
  readonly deps: ProviderDeps
  stop(): Promise<void>
}

/**
 * Starts a provider: keys, database, door, then the port; the appointment is learned while it answers already.
 * Throws before it listens when anything of its own is unusable; a root that is down is not.
 */
export async function startProvider(
  config: ProviderConfig,
  parts: { ambient?: Ambient; log?: Log } = {},
): Promise<RunningProvider> {
  const ambient = parts.ambient ?? systemAmbient()
  const log = parts.log ?? createLog({ level: config.logLevel, service: 'provider' })
  const { entityId, rootUrl, organizationName, custodianOf = [] } = config
  const anchor = readAnchor(config.anchorText)
  const token = await openToken(config.token)
  const foundedAs = (await readFounder(config.databaseUrl)) ?? entityId
  const base = await openNodeBase<ProviderTables>({
    service: 'provider',
    entityId,
    foundedAs,
    databaseUrl: config.databaseUrl,
    databaseConnections: config.databaseConnections,
    keysDir: config.keysDir,
    keyPassphraseFile: config.keyPassphraseFile,
    keyDrivers: token === undefined ? [] : [token],
    journalDir: config.journalDir,
    endorsedBy: 'root',
    migrations: PROVIDER_MIGRATIONS,
    ambient,
    log,
    principalKinds: (db) => ({ requester: (id) => readRequesterPrincipal(db, id) }),
  })
  const { db, keys } = base
  const door = openOutboundDoor({ allowLoopbackHttp: config.allowLoopbackHttp })
  const selfDescription = describeProvider(() => ({
    ambient,
    keys,
    entityId,
    foundedAs,
    rootUrl,
    organizationName,
    custodianOf,
  }))
  const appointment = await keepAppointment({
    source: { door, rootUrl, assignee: foundedAs, selfDescription },
    entityId,
    anchor,
    ambient,
    log,
    readWord: () => readWord(db),
    async saveWord(stored, predecessors) {
      await keepTermEnds(issuerTables(db), predecessors)
      await saveWord(db, stored)
    },
    ownLogVkey: () => logVkey(foundedAs, keys.active('tlog').publicJwk),
    tellLog: createLogTeller({
      door,
      rootUrl,
      entityId,
      ambient,
      signer: () => keys.active('federation'),
      ownLog: () => ownLogMetadata(foundedAs, keys.published('tlog'), entityId),
    }),
  })
  const node = await openIssuingNode(base, {
    defaultPlan: DEFAULT_NUMBERING_PLAN,
    statusTtlSeconds: STATUS_TOKEN_TTL_SECONDS,
    journalDir: config.journalDir,
    feedRetentionChanges: config.feedRetentionChanges,
    ...witnessingOf(appointment),
    askWitness: createWitnessAsker(door, ambient),
    predecessors: () => (appointment.isKnown() ? appointment.demand().predecessors : []),
  })
  const endorsements = keepEndorsed({
    db: issuerTables(db),
    ambient,
    door,
    keys,
    entityId,
    rootUrl,
    appointment,
    log,
  })
  const advised = keepAdvised({ db, ambient, door, keys, entityId, rootUrl, appointment, log })
  for (const source of providerFigures({ db: issuerTables(db), ambient, entityId, appointment }))
    node.metrics.watch(source)
  const deps: ProviderDeps = {
    node,
    rootUrl,
    organizationName,
    selfDescription,
    evidenceAbove: rememberAbove({ appointment, selfDescription }),
    appointment,
    assigners: createAssigners({ node, appointment }),
    requesterCodeOf: rememberRequesterCodes((id) => readRequesterCode(db, id)),
    applicationsPerHour: config.applicationsPerHour,
    clients: config.clients,
  }
  const recordParts = createRecordParts(() => codeAuthority(deps))
  const listener = await listen(createProviderApp(deps).fetch, {
    host: config.host,
    port: config.port,
    express: {
      routes: [
        expressRegistration(deps),
        expressRecord(() => codeAuthority(deps)),
        expressProof(recordParts),
        expressBundle({
          parts: recordParts,
          signStatusList: node.statusDoor.signStatusList,
          above: deps.evidenceAbove,
        }),
      ],
      ambient,
      metrics: node.metrics,
      log,
    },
  })
  log.info({ 'http.port': listener.port, 'entity.id': entityId }, 'provider is listening')
  return {
    port: listener.port,
    deps,
    async stop() {
      await node.quiesce()
      await listener.stop()
      await Promise.all([appointment.stop(), endorsements.stop(), advised.stop()])
      await node.close()
      token?.close()
      door.close()
    },
  }
}

function readAnchor(text: string): PinnedAnchor {
  const anchor = pinAnchor(text)
  if ('kind' in anchor) throw new ConfigError([`TRUST_ANCHOR_FILE: ${anchor.reason}: ${anchor.detail}`])
  return anchor
}
