import { dropDatabase, provisionDatabase, type DatabaseSpec } from '@arc3088/db'

import type { NodePlan } from '../nodes.ts'
import type { Secrets, SecretsFile } from '../secrets.ts'

/** Makes sure of a node's database and its two roles; answers the variables by which the node finds them. */
export async function ensureDatabase(
  adminUrl: string,
  node: NodePlan,
  secrets: SecretsFile,
): Promise<{ DATABASE_URL: string; MIGRATION_DATABASE_URL: string }> {
  const { ownerPassword, appPassword } = secrets.node(node.name)
  const spec = specOf(secrets.current(), node.name, { ownerPassword, appPassword })
  const { appUrl, ownerUrl, created } = await provisionDatabase(adminUrl, spec)
  // A new database knows no token that was given out for an earlier one.
  if (created) secrets.change(node.name, { operators: [], requesters: {} })
  return { DATABASE_URL: appUrl, MIGRATION_DATABASE_URL: ownerUrl }
}

/** Drops what this sandbox had on a server that others use too. */
export async function dropDatabases(adminUrl: string, secrets: Secrets): Promise<void> {
  for (const [name, passwords] of Object.entries(secrets.nodes)) {
    const { name: database, owner, app } = specOf(secrets, name, passwords)
    await dropDatabase(adminUrl, database, [owner.role, app.role])
  }
}

function specOf(
  secrets: Secrets,
  node: string,
  { ownerPassword, appPassword }: { ownerPassword: string; appPassword: string },
): DatabaseSpec {
  const name = `arc3088_${secrets.suffix}_${node.replaceAll('-', '_')}`
  return {
    name,
    owner: { role: `${name}_owner`, password: ownerPassword },
    app: { role: `${name}_app`, password: appPassword },
  }
}
