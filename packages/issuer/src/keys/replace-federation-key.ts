import { RegistryError } from '@arc3088/problems'
import { readKeyEndorsement, type PublicJwk, type Signer } from '@arc3088/records'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { keepWitnessedBy } from '../log/log-checkpoint.store.ts'
import { endorse } from './endorse.ts'
import { readHeldReplacements, type HeldReplacement } from './held-replacement.ts'
import type { KeyActor, KeyParts } from './key-parts.ts'
import { isPublished, judgeCompromise, type NodeKey } from './key.ts'
import { insertKey, lockKeys, readKeys, readUnconfirmed, updateKey } from './key.store.ts'

/** The federation keys by which the root's verified statement knows this node now. */
export type StatedKeys = readonly PublicJwk[]

/** As many documents as a node can have told the root of, and not been answered, many times over. */
const UNCONFIRMED_MAX = 10_000

/**
 * Takes the prepared federation key that the root's statement names into use where it names none that stood before, and calls those
 * compromised: one transaction, held off from every other change of keys. What the root had not confirmed yet of other keys
 * is signed again, since it hears no key that it does not name. Done before, it is answered as it is.
 *
 * @throws RegistryError `key-not-found` where none was prepared, `key-not-endorsed` where the root names another or an old one
 * still, `key-state` for an instant of compromise that may not be.
 */
export async function replaceFederationKey(
  parts: KeyParts,
  stated: StatedKeys,
  request: KeyActor & { readonly since: Date },
): Promise<NodeKey> {
  const { db, ambient, drivers, entityId } = parts
  const { actor, reason } = request
  const since = new Date(Math.floor(request.since.getTime() / 1000) * 1000)
  // A key whose private half is not here would leave the node without one that can sign.
  const prepared = demandStated(await readHeldReplacements({ db, drivers }), stated)
  const { signer } = prepared
  const replaced = await db.transaction().execute(async (tx) => {
    await lockKeys(tx)
    const keys = await readKeys(tx)
    const used = keys.find(({ kid }) => kid === prepared.kid)
    if (used !== undefined) return used
    const ended = keys.filter((each) => each.purpose === 'federation' && isPublished(each))
    demandAllGone(ended, stated)
    const at = ambient.now()
    for (const key of ended) {
      const judgement = judgeCompromise({ key, since, now: at })
      if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
      await updateKey(tx, key.kid, { state: 'compromised', compromisedAt: since })
    }
    const key = asActive(prepared, at)
    await insertKey(tx, key)
    await keepWitnessedBy(tx, since)
    const by = { ambient, entityId, signer }
    const unconfirmed = await readUnconfirmed(tx, entityId, UNCONFIRMED_MAX)
    await endorse(tx, by, { key, event: 'activate', at, actor, reason })
    for (const each of ended)
      await endorse(tx, by, { key: each, event: 'compromise', at, actor, reason, revokedAt: since })
    await signAgain(tx, { by, keys, documents: unconfirmed.map(({ jws }) => jws) }, { at, actor, reason })
    return key
  })
  ambient.reached('keys:replaced')
  return replaced
}

/** The one that the root names: by the order of times alone, whoever writes rows would choose, or a clock that was ahead. */
function demandStated(held: readonly HeldReplacement[], stated: StatedKeys): HeldReplacement {
  const [newest] = held
  if (newest === undefined)
    throw new RegistryError('key-not-found', 'No replacement was prepared: keys:prepare makes one')
  const decided = held.find(({ kid }) => stated.some((key) => key.kid === kid))
  if (decided !== undefined) return decided
  const named = stated.map(({ kid }) => kid).join(', ')
  throw new RegistryError('key-not-endorsed', `The root names ${named}, and not ${newest.kid}`)
}

function demandAllGone(ended: readonly NodeKey[], stated: StatedKeys): void {
  const left = ended.find(({ kid }) => stated.some((key) => key.kid === kid))
  if (left !== undefined)
    throw new RegistryError('key-not-endorsed', `The root still names ${left.kid}: nothing was replaced`)
}

function asActive({ kid, jwk, ref, preparedAt }: HeldReplacement, at: Date): NodeKey {
  return {
    kid,
    purpose: 'federation',
    jwk,
    ref,
    state: 'active',
    announcedAt: preparedAt,
    endorsedAt: at,
    activatedAt: at,
    outgoingAt: null,
    retiredAt: null,
    finalCheckpointSize: null,
    compromisedAt: null,
  }
}

/** Says anew, by the key that the root knows now, what was said of keys of other purposes. */
async function signAgain(
  tx: Transaction<IssuerTables>,
  {
    by,
    keys,
    documents,
  }: {
    by: { ambient: KeyParts['ambient']; entityId: string; signer: Signer }
    keys: readonly NodeKey[]
    documents: readonly string[]
  },
  told: KeyActor & { at: Date },
): Promise<void> {
  for (const jws of documents) {
    const read = readKeyEndorsement(jws)
    if (read.kind === 'rejected') throw new Error(`A stored endorsement is not one: ${read.detail}`)
    const { key: jwk, purpose, event, exp, revoked_at: revokedAt } = read.claims
    const key = keys.find(({ kid }) => kid === jwk.kid)
    if (key === undefined || purpose === 'federation') continue
    await endorse(tx, by, {
      key,
      event,
      ...told,
      ...(exp === undefined ? {} : { expiresAt: new Date(exp * 1000) }),
      ...(revokedAt === undefined ? {} : { revokedAt: new Date(revokedAt * 1000) }),
    })
  }
}
