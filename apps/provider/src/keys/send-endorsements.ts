import {
  insertEndorsement,
  readUnconfirmed,
  updateKey,
  type IssuerTables,
  type StoredEndorsement,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  MEDIA_TYPE,
  readKeyEndorsement,
  REGISTRY_REQUEST_LIFETIME_SECONDS_MAX,
  signRegistryRequest,
  STATEMENT_BYTES_MAX,
  type KeyRing,
} from '@arc3088/records'
import { numericDate, type Ambient, type OutboundDoor } from '@arc3088/service'
import type { Kysely } from 'kysely'

import { federationKeysOf, readEndorsementAnswer } from './endorsement-answer.ts'

/** What is sent, to whom, and by whom. */
export interface EndorsementSender {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly door: OutboundDoor
  readonly keys: Pick<KeyRing, 'active'>
  readonly entityId: string
  readonly rootUrl: string
}

/** What the appointment says of this provider and of the root. */
export interface EndorsementRecipient {
  /** The segment of the provider's code. */
  readonly code: string
  /** The root's configuration, verified down from the pinned key set. */
  readonly rootConfiguration: string
}

const DOCUMENTS_A_ROUND_MAX = 64

/** The root answered, and does not say what was asked. */
class Unconfirmed extends RegistryError {}

/**
 * Tells the root of every change of a key that it has not confirmed yet, in their order, and keeps its answers
 * (wire-format W8, W11). A document is its own idempotency key, so that a retry after any break is answered by the
 * same bytes. What the root refuses holds up the later steps of that key and of no other; the first refusal is thrown
 * at the end. A root that cannot be reached ends the round.
 */
export async function sendEndorsements(
  sender: EndorsementSender,
  recipient: EndorsementRecipient,
): Promise<void> {
  const documents = await readUnconfirmed(sender.db, sender.entityId, DOCUMENTS_A_ROUND_MAX)
  const refusals = new Map<string, Unconfirmed>()
  for (const document of documents) {
    if (refusals.has(document.kid)) continue
    try {
      await sendOne(sender, recipient, document)
    } catch (error) {
      if (!(error instanceof Unconfirmed)) throw error
      refusals.set(document.kid, error)
    }
  }
  const [first] = refusals.values()
  if (first !== undefined) throw first
}

async function sendOne(
  sender: EndorsementSender,
  recipient: EndorsementRecipient,
  document: StoredEndorsement,
): Promise<void> {
  const confirmation = await askRoot(sender, recipient, document)
  sender.ambient.reached('keys:answered')
  await sender.db.transaction().execute(async (tx) => {
    await insertEndorsement(tx, confirmation)
    // From here on the root's statement and log know the key: it may be activated when its overlap is over.
    if (document.event === 'announce') await updateKey(tx, document.kid, { endorsedAt: sender.ambient.now() })
  })
}

async function askRoot(
  sender: EndorsementSender,
  recipient: EndorsementRecipient,
  document: StoredEndorsement,
): Promise<StoredEndorsement> {
  const { ambient, door, entityId, rootUrl, keys } = sender
  const own = readKeyEndorsement(document.jws)
  if (own.kind === 'rejected') throw new Error(`A stored endorsement is not one: ${own.detail}`)
  const path = `/v1/providers/${recipient.code}/keys`
  const iat = numericDate(ambient.now())
  const request = await signRegistryRequest(keys.active('federation'), {
    iss: entityId,
    sub: entityId,
    aud: rootUrl,
    iat,
    exp: iat + REGISTRY_REQUEST_LIFETIME_SECONDS_MAX,
    jti: own.claims.jti,
    method: 'POST',
    path,
    body: { endorsement: document.jws },
  })
  const { status, body } = await door.fetch({
    url: `${rootUrl}${path}`,
    method: 'POST',
    headers: { 'content-type': MEDIA_TYPE.registryRequest, accept: MEDIA_TYPE.keyEndorsement },
    body: request,
    bytesMax: STATEMENT_BYTES_MAX,
  })
  if (status !== 201 && status !== 200)
    throw unconfirmed(document, `it answered ${status}: ${body.slice(0, 300)}`)
  const root = { entityId: rootUrl, federationKeys: federationKeysOf(recipient.rootConfiguration) }
  const answer = await readEndorsementAnswer(body, document, root)
  if (answer.kind === 'disbelieved') throw unconfirmed(document, answer.detail)
  return answer.confirmation
}

function unconfirmed({ event, kid }: StoredEndorsement, why: string): Unconfirmed {
  return new Unconfirmed(
    'upstream-unreachable',
    `The root did not confirm the ${event} of key ${kid}: ${why}`,
  )
}
