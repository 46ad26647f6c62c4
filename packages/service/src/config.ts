import { readFileSync } from 'node:fs'

import { z } from 'zod'

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
})

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
    .describe('most connections of the pool'),
  KEYS_DIR: z.string().min(1).describe('folder of the key files, one a purpose'),
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
  PKCS11_TOKEN_LABEL: z.string().min(1).optional().describe('label of the token'),
  PKCS11_PIN_FILE: z.string().min(1).optional().describe('file with the PIN of the token'),
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
