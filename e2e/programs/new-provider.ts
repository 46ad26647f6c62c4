import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { freePort } from '@arc3088/testkit'

import { makeDatabase } from './databases.ts'
import { environmentOfProcess, runNode, startNode, type Environment } from './node-process.ts'
import { say } from './officers.ts'

/** A provider's node that no root knows yet, with keys and a database of its own. */
export interface NewProvider extends AsyncDisposable {
  readonly url: string
  /** Its `KEYS_DIR`. */
  readonly keys: string
  /** The token of its reviewer. */
  readonly reviewer: string
}

/**
 * Sets up a further provider of the root that another provider has, as its operator would: keys, database, people, and the
 * node, which waits for its code.
 */
export async function startNewProvider(
  name: string,
  given: { adminUrl: string; folder: string; like: { pid: number }; more?: Environment },
): Promise<NewProvider> {
  const [home, port] = [join(given.folder, name), await freePort()]
  const [keys, journal] = [join(home, 'keys'), join(home, 'journal')]
  mkdirSync(home)
  await say(['keys', 'generate', '--dir', keys, '--purposes', 'federation,issuing,status,tlog'])
  const database = `arc3088_${randomBytes(4).toString('hex')}_${name.replaceAll('-', '_')}`
  const { ownerUrl, appUrl } = await makeDatabase(given.adminUrl, database)
  const environment: Environment = {
    ...environmentOfProcess(given.like.pid),
    PORT: String(port),
    ENTITY_ID: `http://127.0.0.1:${port}`,
    KEYS_DIR: keys,
    JOURNAL_DIR: journal,
    DATABASE_URL: appUrl,
    ORGANIZATION_NAME: name,
    ...given.more,
  }
  await demand(['migrate'], { ...environment, MIGRATION_DATABASE_URL: ownerUrl })
  const people = ['operator:create', '--role', 'reviewer', '--name', '审核员']
  const reviewer = await demand(people, { ...environment, MIGRATION_DATABASE_URL: ownerUrl })
  const node = await startNode('provider', environment, '/livez')
  return {
    url: `http://127.0.0.1:${port}`,
    keys,
    reviewer: reviewer.trim(),
    [Symbol.asyncDispose]: async () => await node.stop(),
  }
}

async function demand(args: readonly string[], environment: Environment): Promise<string> {
  const { code, output } = await runNode('provider', args, environment)
  if (code !== 0) throw new Error(`provider ${args.join(' ')} ended with ${code}: ${output}`)
  return output
}
