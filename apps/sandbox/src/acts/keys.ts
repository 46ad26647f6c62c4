import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { arc3088 } from '../machine/arc3088.ts'
import { PUBLIC_MODE, writeWhole } from '../machine/write-file.ts'
import type { NodePlans } from '../nodes.ts'
import type { StateFolder } from '../state-folder.ts'

const NODE_PURPOSES = ['federation', 'issuing', 'status', 'tlog']

/** Makes the keys that are not there yet: each node's own, and the root key in a folder that no node is shown. */
export async function ensureKeys(plans: NodePlans, folder: StateFolder): Promise<void> {
  const issuing = [plans.root, ...plans.providers]
  await Promise.all([
    ...issuing.map(async ({ name }) => await ensurePurposes(folder.keys(name), NODE_PURPOSES)),
    ensurePurposes(folder.ceremony, ['root']),
  ])
}

/** Signs key set 1 of the root where there is none, and leaves it for verifiers to pin. */
export async function ensureAnchor(plans: NodePlans, folder: StateFolder): Promise<void> {
  if (!existsSync(folder.rootKeySets)) {
    await arc3088('keys anchor', {
      options: {
        dir: folder.ceremony,
        'federation-dir': folder.keys(plans.root.name),
        'entity-id': plans.root.url,
        out: folder.rootKeySets,
      },
    })
  }
  // The first of the array, so that what is pinned is what is served, whenever we were killed.
  const [first] = JSON.parse(readFileSync(folder.rootKeySets, 'utf8')) as unknown[]
  writeWhole(folder.anchor, `${JSON.stringify(first)}\n`, PUBLIC_MODE)
}

async function ensurePurposes(directory: string, purposes: readonly string[]): Promise<void> {
  const missing = purposes.filter((purpose) => !existsSync(join(directory, `${purpose}.jwk.json`)))
  if (missing.length === 0) return
  await arc3088('keys generate', { options: { dir: directory, purposes: missing.join(',') } })
}
