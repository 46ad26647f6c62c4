import { createRegistryClient } from '@arc3088/client'
import { createEvidenceMemory } from '@arc3088/trust'
import {
  createLog,
  createMetrics,
  listen,
  openOutboundDoor,
  systemAmbient,
  type Ambient,
  type Log,
} from '@arc3088/service'

import { createResolverApp } from './app.ts'
import { expressResolution } from './resolution/resolution.express.ts'
import { createDocumentCache } from './cache/document-cache.ts'
import { openKeySetMemory } from './cache/key-set-memory.ts'
import type { ResolverConfig } from './config.ts'
import type { ResolverDeps } from './deps.ts'
import { ANSWERS_BYTES_MAX, CACHE_BYTES_MAX, VERIFIED_BYTES_MAX } from './limits.ts'

/** A resolver that answers. */
export interface RunningResolver {
  readonly port: number
  readonly deps: ResolverDeps
  stop(): Promise<void>
}

/** Starts a resolver. It listens whether or not the root answers; `/readyz` says which. */
export async function startResolver(
  config: ResolverConfig,
  parts: { ambient?: Ambient; log?: Log } = {},
): Promise<RunningResolver> {
  const ambient = parts.ambient ?? systemAmbient()
  const log = parts.log ?? createLog({ level: config.logLevel, service: 'resolver' })
  const door = openOutboundDoor({ allowLoopbackHttp: config.allowLoopbackHttp })
  const client = createRegistryClient({
    anchor: config.anchor,
    keySetMemory: await openKeySetMemory(config.keySetsSeenFile, config.anchor, log),
    ...(config.rootUrl === undefined ? {} : { rootUrl: config.rootUrl }),
    prefix: config.prefix,
    recognition: config.recognition,
    advisories: true,
    fetchDocument: (request) => door.fetch(request),
    now: () => ambient.now(),
    cache: createDocumentCache(CACHE_BYTES_MAX),
    answersBytesMax: ANSWERS_BYTES_MAX,
    memory: createEvidenceMemory({ bytesMax: VERIFIED_BYTES_MAX }),
  })
  const metrics = createMetrics('resolver')
  metrics.watch({
    name: 'anchor',
    read: async () => [{ name: 'arc3088_anchor_troubles', value: (await client.anchorTroubles()).length }],
  })
  const deps: ResolverDeps = { client, ambient, log, metrics, clients: config.clients }
  const listener = await listen(createResolverApp(deps).fetch, {
    host: config.host,
    port: config.port,
    express: { routes: [expressResolution({ client, ambient })], ambient, metrics, log },
  })
  log.info({ 'http.port': listener.port }, 'resolver is listening')
  return {
    port: listener.port,
    deps,
    async stop() {
      await listener.stop()
      door.close()
    },
  }
}
