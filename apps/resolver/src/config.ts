import { parseRootPrefix, type RootPrefix } from '@arc3088/codec'
import {
  type ClientPolicy,
  ConfigError,
  EntityId,
  NodeEnvironment,
  readConfiguredFile,
  readEnvironment,
  readsPerMinute,
} from '@arc3088/service'
import { pinAnchor, type PinnedAnchor } from '@arc3088/trust'
import { z } from 'zod'

import { LIST_AGE_SECONDS_MAX } from './limits.ts'

/** The environment of a resolver. The README's table is made from the descriptions. */
export const ResolverEnvironment = NodeEnvironment.extend({
  PORT: NodeEnvironment.shape.PORT.default(3080),
  TRUST_ANCHOR_FILE: z
    .string()
    .min(1)
    .describe("the root's key set that is pinned (W1); nothing else is trusted"),
  ROOT_KEY_SETS_SEEN_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'file that remembers the newest key set of the root between two starts, so that it cannot go back behind it',
    ),
  ROOT_URL: EntityId.optional().describe(
    'origin at which the pinned root is reached, where that is not its entity identifier',
  ),
  RECOGNITION_LIST_MAX_AGE_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .max(LIST_AGE_SECONDS_MAX)
    .default(600)
    .describe(
      'how old the recognition list of the root may be for a code of another root; older, it is stale',
    ),
  RECOGNITION_LIST_MIN_SEQ: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('the number of a recognition list that was seen before; a resolver forgets when it stops'),
  CODE_PREFIX: z.string().default('1.2.156.3088').describe('the OID prefix that the pinned root governs'),
})

/** A resolver's configuration, read and checked. */
export interface ResolverConfig {
  readonly port: number
  readonly host: string
  readonly logLevel: z.output<typeof ResolverEnvironment>['LOG_LEVEL']
  readonly allowLoopbackHttp: boolean
  /** Whose word about clients is believed, and what one of them may read. */
  readonly clients?: ClientPolicy | undefined
  readonly anchor: PinnedAnchor
  readonly rootUrl: string | undefined
  readonly keySetsSeenFile?: string | undefined
  readonly prefix: RootPrefix
  readonly recognition: { readonly maxAgeSeconds: number; readonly minSeq: number }
}

/** Reads the environment of `serve`; throws ConfigError naming every bad variable. */
export function readResolverConfig(
  environment: Readonly<Record<string, string | undefined>>,
): ResolverConfig {
  const env = readEnvironment(ResolverEnvironment, environment)
  const anchor = pinAnchor(readConfiguredFile('TRUST_ANCHOR_FILE', env.TRUST_ANCHOR_FILE))
  if ('kind' in anchor) throw new ConfigError([`TRUST_ANCHOR_FILE: is no key set (${anchor.detail})`])
  return {
    port: env.PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    allowLoopbackHttp: env.ALLOW_LOOPBACK_HTTP,
    clients: {
      trustedProxies: env.TRUSTED_PROXIES,
      reads: readsPerMinute(env.PUBLIC_READS_PER_MINUTE),
    },
    anchor,
    rootUrl: env.ROOT_URL,
    keySetsSeenFile: env.ROOT_KEY_SETS_SEEN_FILE,
    prefix: parseRootPrefix(env.CODE_PREFIX),
    recognition: {
      maxAgeSeconds: env.RECOGNITION_LIST_MAX_AGE_SECONDS,
      minSeq: env.RECOGNITION_LIST_MIN_SEQ,
    },
  }
}
