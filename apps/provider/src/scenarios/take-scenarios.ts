import {
  MEDIA_TYPE,
  STATEMENT_BYTES_MAX,
  judgeListSuccession,
  listDigest,
  pageDigest,
  timeFault,
  verifyScenarioTable,
} from '@arc3088/records'

import { disbelieved, fetchOfRoot, rootTrust, type RootDesk } from '../advisories/root-desk.ts'
import { readTakenList, saveTakenList } from '../advisories/root-list.store.ts'

/**
 * Takes the root's table of scenarios, where it is not older than the one that was taken before.
 *
 * @throws RegistryError `upstream-unreachable` where it was rolled back, is forked, or does not hold.
 */
export async function takeScenarios(desk: RootDesk): Promise<void> {
  const { db, ambient } = desk
  const { keys, issuer, at } = rootTrust(desk)
  const text = await fetchOfRoot(desk, {
    path: '/v1/scenarios',
    mediaType: MEDIA_TYPE.scenarioTable,
    bytesMax: STATEMENT_BYTES_MAX,
  })
  const verified = await verifyScenarioTable(text, keys)
  if (verified.kind === 'rejected') throw disbelieved(verified)
  const { claims: table } = verified
  const { seq, prev, digest, scenarios } = table
  const fault = timeFault(table, at)
  if (fault !== undefined || table.iss !== issuer)
    throw disbelieved(`the table is ${fault ?? `of ${table.iss}`}`)
  if ((await listDigest({ seq, prev, pages: [await pageDigest(scenarios)] })) !== digest)
    throw disbelieved('the digest of the table is not its own')
  const succession = judgeListSuccession(await readTakenList(db, 'scenarios'), table)
  if (succession === 'rolled-back' || succession === 'forked')
    throw disbelieved(`table ${seq} of scenarios is ${succession}`)
  if (succession === 'same') return
  const tiers = Object.fromEntries(scenarios.map(({ name, tier }) => [name, tier]))
  await db.transaction().execute(async (tx) => {
    await saveTakenList(tx, 'scenarios', { seq, digest, content: { tiers }, takenAt: ambient.now() })
  })
}
