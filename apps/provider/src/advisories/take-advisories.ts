import { isConcerned, readAdvisory, recordHash } from '@arc3088/records'
import {
  ADVISORY_BYTES_MAX,
  ADVISORY_LIST_BYTES_MAX,
  MEDIA_TYPE,
  collectList,
  judgeListSuccession,
  verifyAdvisoryList,
  type AdvisoryEntry,
} from '@arc3088/records'

import { insertRootAdvisory, readStoredVersions, type StoredAdvisory } from './advisory.store.ts'
import { disbelieved, fetchOfRoot, rootTrust, type RootDesk } from './root-desk.ts'
import { readTakenList, saveTakenList } from './root-list.store.ts'

const PATH = '/v1/advisories'

/**
 * Takes the root's list of advisories, where it is not older than the one that was taken before, and every version on it
 * that concerns this provider. An advisory is believed by its hash on the list, so that an older one stays good when the
 * root's keys have changed. List and advisories are stored together.
 *
 * @throws RegistryError `upstream-unreachable` where the list was rolled back, is forked, or does not hold.
 */
export async function takeAdvisories(desk: RootDesk): Promise<void> {
  const { db, ambient, appointment } = desk
  const trust = { ...rootTrust(desk), verify: verifyAdvisoryList }
  const list = await collectList<AdvisoryEntry>(
    async (page) =>
      await fetchOfRoot(desk, {
        path: `${PATH}?page=${page}`,
        mediaType: MEDIA_TYPE.advisoryList,
        bytesMax: ADVISORY_LIST_BYTES_MAX,
      }),
    trust,
  )
  if ('kind' in list) throw disbelieved(list)
  const succession = judgeListSuccession(await readTakenList(db, 'advisories'), list)
  if (succession === 'rolled-back' || succession === 'forked')
    throw disbelieved(`list ${list.seq} of advisories is ${succession}`)
  if (succession === 'same') return
  const own = appointment.demand().code
  const stored = await readStoredVersions(db)
  const missing = list.entries.filter(
    ({ id, version, affected }) => isConcerned(affected, own) && !stored.has(`${uuidOf(id)}/${version}`),
  )
  const taken: StoredAdvisory[] = []
  for (const entry of missing) taken.push(await fetchAdvisory(desk, entry))
  ambient.reached('advisories:fetched')
  const { seq, digest } = list
  await db.transaction().execute(async (tx) => {
    for (const advisory of taken) await insertRootAdvisory(tx, advisory)
    await saveTakenList(tx, 'advisories', { seq, digest, content: {}, takenAt: ambient.now() })
    ambient.reached('advisories:stored')
  })
}

async function fetchAdvisory(desk: RootDesk, { id, version, hash }: AdvisoryEntry): Promise<StoredAdvisory> {
  const advisory = uuidOf(id)
  const jws = await fetchOfRoot(desk, {
    path: `${PATH}/${advisory}?version=${version}`,
    mediaType: MEDIA_TYPE.advisory,
    bytesMax: ADVISORY_BYTES_MAX,
  })
  const read = readAdvisory(jws)
  if (read.kind === 'rejected') throw disbelieved(read)
  if ((await recordHash(jws)) !== hash || read.claims.sub !== id || read.claims.version !== version)
    throw disbelieved(`version ${version} of ${id} is not the one on the list`)
  return { advisory, version, hash, jws, receivedAt: desk.ambient.now() }
}

function uuidOf(id: string): string {
  return id.slice('urn:uuid:'.length)
}
