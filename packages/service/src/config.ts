import { readFileSync } from 'node:fs'

import { z } from 'zod'

import { readTrustedProxies } from './http/client-address.ts'
import { LOG_LEVELS } from './log.ts'

/** The environment did not describe a node that can run. Names every bad variable at once. */
export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`The configuration is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

const booleanText = z.enum(['true', 'false']).transform((text) => text === 'true')

/** An entity identifier: an origin without path, query or trailing slash (OpenID Federation 1.0 section 1.2). */
export const EntityId = z.string().refine(isEntityId, 'an http(s) origin such as https://root.example')

function isEntityId(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === text
}

/** Variables that every node understands. Secrets are file paths, never values. */
export const NodeEnvironment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).describe('port to listen on; 0 takes a free one'),
  HOST: z.string().default('::').describe('address to listen on; `::` is dual-stack'),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('least level that is logged'),
  ALLOW_LOOPBACK_HTTP: booleanText
    .default(false)
    .describe('let the outbound door fetch plain http from loopback; for one machine only'),
  TRUSTED_PROXIES: z
    .string()
    .refine(isProxyList, 'addresses or networks such as 10.0.0.0/8, comma between')
    .transform(readTrustedProxies)
    .optional()
    .describe(
      'addresses or networks of proxies, comma between, whose `X-Forwarded-For` names the client that limits count; nobody’s by default',
    ),
  PUBLIC_READS_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(0)
    .default(60_000)
    .describe(
      'reads of one network address in a minute, all at once if it likes; 0 sets no limit, and this machine has none',
    ),
})

function isProxyList(text: string): boolean {
  try {
    readTrustedProxies(text)
    return true
  } catch {
    return false
  }
}

/** Variables of a node that issues: an identity, a database and keys. */
export const IssuingNodeEnvironment = NodeEnvironment.extend({
  ENTITY_ID: EntityId.describe('this node’s own origin, which is its federation entity identifier'),
  DATABASE_URL: z.url().describe('PostgreSQL as the role `<node>_app`, which owns nothing'),
  MIGRATION_DATABASE_URL: z
    .url()
    .optional()
    .describe('PostgreSQL as the role `<node>_owner`; `migrate` alone needs it'),
  DATABASE_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(10)
    .describe('most connections of the pool; one more serves leases, one the leader of the log'),
  KEYS_DIR: z
    .string()
    .min(1)
    .describe(
      '`federation.jwk.json`, `issuing.jwk.json`, `status.jwk.json`, `tlog.jwk.json` (Ed25519); at a root, after the ceremony, `officer-set.jws`',
    ),
  JOURNAL_DIR: z
    .string()
    .min(1)
    .describe('folder of the journal; on another disk than the database, and in no backup of it'),
  FEED_RETENTION_CHANGES: z.coerce
    .number()
    .int()
    .min(0)
    .default(1_000_000)
    .describe('changes that the feed goes back for; what is before them is in the snapshots'),
  KEY_PASSPHRASE_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'file with the passphrase that key files are sealed under (`keys:seal`); plain files are read too',
    ),
  PKCS11_MODULE: z
    .string()
    .min(1)
    .optional()
    .describe('PKCS#11 library of a token with keys of this node; the other two PKCS11_* with it'),
  PKCS11_TOKEN_LABEL: z
    .string()
    .min(1)
    .optional()
    .describe('label of the token; with PKCS11_MODULE, or not at all'),
  PKCS11_PIN_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('file with the PIN of the token; with PKCS11_MODULE, or not at all'),
})

/** Parses an environment, or throws one ConfigError that names every variable at fault. An empty variable is unset. */
export function readEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  // `PORT=` in a compose file means "not set"; coerced, it would be port 0.
  const set = Object.fromEntries(Object.entries(environment).filter(([, text]) => text?.trim() !== ''))
  const result = schema.safeParse(set)
  if (result.success) return result.data
  throw new ConfigError(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
}

/** Reads a file that the configuration names, so that its absence is a configuration fault and not a stack trace. */
export function readConfiguredFile(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError([
      `${variable}: ${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
    ])
  }
}
