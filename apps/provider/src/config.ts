import { readTokenSettings, type TokenSettings } from '@arc3088/issuer'
import {
  type ClientPolicy,
  EntityId,
  IssuingNodeEnvironment,
  readConfiguredFile,
  readEnvironment,
  readsPerMinute,
} from '@arc3088/service'
import { z } from 'zod'

/** The environment of a provider node. The README's table is made from the descriptions. */
export const ProviderEnvironment = IssuingNodeEnvironment.extend({
  PORT: IssuingNodeEnvironment.shape.PORT.default(3101),
  ROOT_URL: EntityId.describe('the entity identifier of the root that this provider asks for its code'),
  TRUST_ANCHOR_FILE: z
    .string()
    .min(1)
    .describe(
      "the root's key set that this provider pins (W1); nothing else of the root is believed unproved",
    ),
  ORGANIZATION_NAME: z
    .string()
    .min(1)
    .max(200)
    .default('Provider')
    .describe('name in the entity configuration'),
  CUSTODIAN_OF: z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(z.array(z.string().min(1).max(256)).max(256))
    .optional()
    .describe(
      'code prefixes of retired providers, comma between, whose codes this provider agrees to serve as their custodian (W2)',
    ),
  APPLICATIONS_PER_HOUR: z.coerce
    .number()
    .int()
    .min(1)
    .default(60)
    .describe('how often one network address may apply to become a requester in an hour'),
})

/** A provider's configuration, read and checked. */
export interface ProviderConfig {
  readonly port: number
  readonly host: string
  readonly logLevel: z.output<typeof ProviderEnvironment>['LOG_LEVEL']
  readonly allowLoopbackHttp: boolean
  /** Whose word about clients is believed, and what one of them may read. */
  readonly clients?: ClientPolicy | undefined
  readonly entityId: string
  readonly databaseUrl: string
  readonly databaseConnections: number
  readonly keysDir: string
  readonly keyPassphraseFile: string | undefined
  /** A token with keys of this node, besides the key files. */
  readonly token?: TokenSettings | undefined
  readonly journalDir: string
  readonly feedRetentionChanges: number
  readonly rootUrl: string
  readonly anchorText: string
  readonly organizationName: string
  /** Code prefixes of others that this provider agrees to serve once they are retired. */
  readonly custodianOf?: readonly string[] | undefined
  readonly applicationsPerHour: number
}

/** Reads the environment of `serve`; throws ConfigError naming every bad variable. */
export function readProviderConfig(
  environment: Readonly<Record<string, string | undefined>>,
): ProviderConfig {
  const env = readEnvironment(ProviderEnvironment, environment)
  return {
    port: env.PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    allowLoopbackHttp: env.ALLOW_LOOPBACK_HTTP,
    clients: {
      trustedProxies: env.TRUSTED_PROXIES,
      reads: readsPerMinute(env.PUBLIC_READS_PER_MINUTE),
    },
    entityId: env.ENTITY_ID,
    databaseUrl: env.DATABASE_URL,
    databaseConnections: env.DATABASE_CONNECTIONS,
    keysDir: env.KEYS_DIR,
    keyPassphraseFile: env.KEY_PASSPHRASE_FILE,
    token: readTokenSettings(env),
    journalDir: env.JOURNAL_DIR,
    feedRetentionChanges: env.FEED_RETENTION_CHANGES,
    rootUrl: env.ROOT_URL,
    anchorText: readConfiguredFile('TRUST_ANCHOR_FILE', env.TRUST_ANCHOR_FILE),
    organizationName: env.ORGANIZATION_NAME,
    custodianOf: env.CUSTODIAN_OF,
    applicationsPerHour: env.APPLICATIONS_PER_HOUR,
  }
}
