import { readTokenSettings, type TokenSettings } from '@arc3088/issuer'
import {
  type ClientPolicy,
  IssuingNodeEnvironment,
  readConfiguredFile,
  readEnvironment,
  readsPerMinute,
} from '@arc3088/service'
import { parseRootPrefix, type RootPrefix } from '@arc3088/codec'
import { z } from 'zod'

/** The environment of a root node. The README's table is made from the descriptions. */
export const RootEnvironment = IssuingNodeEnvironment.extend({
  PORT: IssuingNodeEnvironment.shape.PORT.default(3088),
  CODE_PREFIX: z.string().default('1.2.156.3088').describe('the OID prefix that this root governs'),
  TERRITORY: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .default('CN')
    .describe('ISO 3166-1 code of the territory whose organisations are domestic here'),
  ORGANIZATION_NAME: z
    .string()
    .min(1)
    .max(200)
    .default('Competent authority')
    .describe('name in the entity configuration'),
  APPLICATIONS_PER_HOUR: z.coerce
    .number()
    .int()
    .min(1)
    .default(60)
    .describe('how often one network address may apply in an hour'),
  LOG_QUORUM: z.coerce
    .number()
    .int()
    .min(0)
    .max(16)
    .default(1)
    .describe(
      'witnesses that must cosign a checkpoint of this root, never more than there are; with 0, no log below it needs any',
    ),
  ROOT_KEY_SETS_FILE: z
    .string()
    .min(1)
    .describe(
      'JSON array of the signed key sets (W1), oldest first, followed while the root runs; the root key itself never comes here',
    ),
})

/** A root's configuration, read and checked. */
export interface RootConfig {
  readonly port: number
  readonly host: string
  readonly logLevel: z.output<typeof RootEnvironment>['LOG_LEVEL']
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
  readonly prefix: RootPrefix
  readonly territory: string
  readonly organizationName: string
  readonly applicationsPerHour: number
  readonly logQuorum: number
  readonly rootKeySetsText: string
  /** Where that text was read; followed while the root runs. */
  readonly rootKeySetsFile?: string
}

/** Reads the environment of `serve`; throws ConfigError naming every bad variable. */
export function readRootConfig(environment: Readonly<Record<string, string | undefined>>): RootConfig {
  const env = readEnvironment(RootEnvironment, environment)
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
    prefix: parseRootPrefix(env.CODE_PREFIX),
    territory: env.TERRITORY,
    organizationName: env.ORGANIZATION_NAME,
    applicationsPerHour: env.APPLICATIONS_PER_HOUR,
    logQuorum: env.LOG_QUORUM,
    rootKeySetsFile: env.ROOT_KEY_SETS_FILE,
    rootKeySetsText: readConfiguredFile('ROOT_KEY_SETS_FILE', env.ROOT_KEY_SETS_FILE),
  }
}

/** The key sets as their file has them now; those of the start where there is no file. Throws ConfigError. */
export function readKeySetsText({ rootKeySetsFile: file, rootKeySetsText }: RootConfig): string {
  return file === undefined ? rootKeySetsText : readConfiguredFile('ROOT_KEY_SETS_FILE', file)
}
