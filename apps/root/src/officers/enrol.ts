import { formatSegment, parseRootPrefix } from '@arc3088/codec'
import { connect } from '@arc3088/db'
import {
  createFileKeyDriver,
  enrolOfficers,
  issuerTables,
  loadFederationSigner,
  loadKeyFiles,
  readKeyPassphrase,
  readKeys,
  type Enrolment,
  type OperatorWithToken,
} from '@arc3088/issuer'
import { readEnvironment, systemAmbient } from '@arc3088/service'

import { RootEnvironment } from '../config.ts'
import { rootTables } from '../db/root-tables.ts'

import type { RootTables } from '../db/tables.ts'
import { adoptProviders } from '../providers/adopt-providers.ts'

const Environment = RootEnvironment.pick({
  ENTITY_ID: true,
  DATABASE_URL: true,
  KEYS_DIR: true,
  KEY_PASSPHRASE_FILE: true,
  CODE_PREFIX: true,
})

/** The ceremony as the operator of a root runs it, beside the keys of the node (`officers:enrol`). */
export async function enrolAtNode(
  environment: Readonly<Record<string, string | undefined>>,
  enrolment: Enrolment,
  write: (line: string) => void,
): Promise<OperatorWithToken[]> {
  const env = readEnvironment(Environment, environment)
  const db = connect<RootTables>({
    url: env.DATABASE_URL,
    max: 1,
    applicationName: 'root-officers',
    onIdleError: (error) => write(`database: ${error.message}`),
  })
  const ambient = systemAmbient()
  const passphrase = readKeyPassphrase(env.KEY_PASSPHRASE_FILE)
  const files = createFileKeyDriver({ directory: env.KEYS_DIR, passphrase }, ambient.randomBytes)
  try {
    const keys = await readKeys(issuerTables(db))
    // A node that never served has its first keys in files alone.
    const signer =
      keys.length === 0
        ? (await loadKeyFiles(env.KEYS_DIR, ['federation'], passphrase)).active('federation')
        : await loadFederationSigner(keys, new Map([[files.scheme, files]]))
    return await enrolOfficers(
      { db: issuerTables(db), ambient, entityId: env.ENTITY_ID, keysDir: env.KEYS_DIR, signer },
      enrolment,
      async (tx) => {
        const parts = {
          ambient,
          entityId: env.ENTITY_ID,
          keys: { active: () => signer },
          prefix: parseRootPrefix(env.CODE_PREFIX),
        }
        for (const { code, entityId } of await adoptProviders(rootTables(tx), parts))
          write(`adopted provider ${formatSegment(code)}: ${entityId}`)
      },
    )
  } finally {
    await db.destroy()
  }
}
