import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { arc3088 } from '../machine/arc3088.ts'
import { PUBLIC_MODE, writeWhole } from '../machine/write-file.ts'
import type { NodePlans, RootPlan } from '../nodes.ts'
import type { StateFolder } from '../state-folder.ts'

const NODE_PURPOSES = ['federation', 'issuing', 'status', 'tlog']

/** Makes the keys that are not there yet: each node's own, and the root key in a folder that no node is shown. */
export async function ensureKeys(plans: NodePlans, folder: StateFolder): Promise<void> {
  const roots = [plans.root, plans.overseasRoot]
  const issuing = [...roots, ...plans.providers, plans.overseasProvider]
  await Promise.all([
    ...issuing.map(async ({ name }) => await ensurePurposes(folder.keys(name), NODE_PURPOSES)),
    ...roots.map(async ({ name }) => await ensurePurposes(folder.ceremony(name), ['root'])),
  ])
}

/** Signs key set 1 of a root where there is none, and leaves it for verifiers to pin. */
export async function ensureAnchor({ name, url }: RootPlan, folder: StateFolder): Promise<void> {
  const keySets = folder.rootKeySets(name)
  if (!existsSync(keySets)) {
    await arc3088('keys anchor', {
      options: {
        dir: folder.ceremony(name),
        'federation-dir': folder.keys(name),
        'entity-id': url,
        out: keySets,
      },
    })
  }
  // The first of the array, so that what is pinned is what is served, whenever we were killed.
  const [first] = JSON.parse(readFileSync(keySets, 'utf8')) as unknown[]
  writeWhole(folder.anchor(name), `${JSON.stringify(first)}\n`, PUBLIC_MODE)
}

async function ensurePurposes(directory: string, purposes: readonly string[]): Promise<void> {
  const missing = purposes.filter((purpose) => !existsSync(join(directory, `${purpose}.jwk.json`)))
  if (missing.length === 0) return
  await arc3088('keys generate', { options: { dir: directory, purposes: missing.join(',') } })
}
