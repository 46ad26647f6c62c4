import { RegistryError } from '@arc3088/problems'
import {
  MEDIA_TYPE,
  REGISTRY_REQUEST_LIFETIME_SECONDS_MAX,
  signRegistryRequest,
  STATEMENT_BYTES_MAX,
  type RegistryRequest,
} from '@arc3088/records'
import { numericDate, repeat, type Repetition } from '@arc3088/service'

import type { RootDeps } from '../deps.ts'
import { claimDeliveries, markDelivered, postponeDelivery, type Delivery } from './delivery.store.ts'
import type { KnownAgreement } from './known-agreement.ts'

const LOOK_EVERY_MILLISECONDS = 250
/** Longer than any attempt takes: a process that died meanwhile is succeeded after this. */
const CLAIM_MILLISECONDS = 15_000
const BATCH_MAX = 16
const BACKOFF_FIRST_MILLISECONDS = 1000
const BACKOFF_MAX_MILLISECONDS = 600_000
const ANSWER_LENGTH_MAX = 300
const DOUBLINGS_MAX = 20

/** What is sent of a delivery. */
type Message = Pick<RegistryRequest, 'method' | 'path' | 'body'>

/** Tells the parties of agreements what they have to be told, until each has acknowledged it. */
export function keepDelivering(deps: RootDeps): Repetition {
  return repeat(async () => void (await deliverDue(deps)), {
    milliseconds: LOOK_EVERY_MILLISECONDS,
    slowestMilliseconds: 4000,
    onFault: (error) => deps.node.log.error({ err: error }, 'agreements could not be delivered'),
  })
}

/** Tries everything that is due once; recipients do not wait for each other. Answers how many were acknowledged. */
export async function deliverDue(deps: RootDeps): Promise<number> {
  const { db, ambient, gate } = deps.node
  if (gate.mode() !== 'read-write') return 0
  const now = ambient.now()
  const until = new Date(now.getTime() + CLAIM_MILLISECONDS)
  const claimed = await claimDeliveries(db, { now, until, limit: BATCH_MAX })
  const outcomes = await Promise.all(claimed.map((delivery) => attempt(deps, delivery)))
  return outcomes.filter((acknowledged) => acknowledged).length
}

async function attempt(deps: RootDeps, delivery: Delivery): Promise<boolean> {
  const { db, ambient, log } = deps.node
  const answer = await send(deps, delivery).catch((error: unknown) => {
    if (error instanceof RegistryError) return `${error.code}: ${error.message}`
    throw error
  })
  if (answer === undefined) {
    ambient.reached('agreement:acknowledged')
    await markDelivered(db, delivery.id, ambient.now())
    return true
  }
  const doublings = Math.min(delivery.attempts - 1, DOUBLINGS_MAX)
  const pause = Math.min(BACKOFF_FIRST_MILLISECONDS * 2 ** doublings, BACKOFF_MAX_MILLISECONDS)
  const told = answer.slice(0, ANSWER_LENGTH_MAX)
  log.warn(
    { 'entity.id': delivery.recipient, 'agreement.id': delivery.agreement, told },
    'a party did not take it',
  )
  await postponeDelivery(db, delivery.id, { dueAt: new Date(ambient.now().getTime() + pause), answer: told })
  return false
}

/** Sends one thing to one pinned party; undefined where it was acknowledged, else what was answered. */
async function send(deps: RootDeps, delivery: Delivery): Promise<string | undefined> {
  const { node, door } = deps
  const { recipient } = delivery
  await deps.foreignRoots.demandPinned(recipient)
  const known = await deps.agreements.read(node.db, delivery.agreement)
  const message = known === undefined ? undefined : messageOf(deps, known, delivery)
  if (message === undefined) return 'nothing of this root bears this delivery out'
  const iat = numericDate(node.ambient.now())
  const request = await signRegistryRequest(node.keys.active('federation'), {
    iss: node.entityId,
    sub: node.entityId,
    aud: recipient,
    iat,
    exp: iat + REGISTRY_REQUEST_LIFETIME_SECONDS_MAX,
    jti: delivery.requestId,
    ...message,
  })
  const { status, body } = await door.fetch({
    url: `${recipient.replace(/\/$/, '')}${message.path}`,
    method: message.method === 'PUT' ? 'PUT' : 'POST',
    headers: { 'content-type': MEDIA_TYPE.registryRequest },
    body: request,
    bytesMax: STATEMENT_BYTES_MAX,
  })
  return status === 200 || status === 201 ? undefined : `${status} ${body}`
}

/** What is to be sent: this root's own signature or event, verified, to a party; undefined where there is none. */
function messageOf(deps: RootDeps, known: KnownAgreement, delivery: Delivery): Message | undefined {
  const { entityId } = deps.node
  const isParty = known.claims.parties.some((party) => party.entity_id === delivery.recipient)
  if (!isParty || delivery.recipient === entityId) return undefined
  const base = '/v1/agreements'
  if (delivery.kind === 'event') {
    const event = known.events.find(({ hash, claims }) => hash === delivery.event && claims.iss === entityId)
    if (event === undefined) return undefined
    return { method: 'POST', path: `${base}/${known.id}/events`, body: { event: event.jws } }
  }
  const part = known.jws.signatures[known.signed.indexOf(entityId)]
  if (part === undefined) return undefined
  if (delivery.kind === 'terms')
    return {
      method: 'POST',
      path: base,
      body: { agreement: { payload: known.jws.payload, signatures: [{ ...part }] } },
    }
  const path = `${base}/${known.id}/signatures/${encodeURIComponent(entityId)}`
  return { method: 'PUT', path, body: { hash: known.hash, ...part } }
}
