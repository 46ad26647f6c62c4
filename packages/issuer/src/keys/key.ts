import type { ProblemCode } from '@arc3088/problems'
import {
  CLOCK_SKEW_SECONDS,
  SUBORDINATE_STATEMENT_LIFETIME_SECONDS,
  type NodeKeyPurpose,
  type PublicJwk,
} from '@arc3088/records'

/**
 * Where a key stands in its life. `outgoing`: it signs no more, and is still published, since its last records are
 * not yet under a witnessed checkpoint.
 */
export type KeyState = 'announced' | 'active' | 'outgoing' | 'retired' | 'compromised'

/** A key of this node, as the database knows it: never its private half. */
export interface NodeKey {
  readonly kid: string
  readonly purpose: NodeKeyPurpose
  readonly jwk: PublicJwk
  /** Where the private half is, in the words of the driver. */
  readonly ref: string
  readonly state: KeyState
  readonly announcedAt: Date
  readonly endorsedAt: Date | null
  readonly activatedAt: Date | null
  readonly outgoingAt: Date | null
  readonly retiredAt: Date | null
  readonly finalCheckpointSize: number | null
  readonly compromisedAt: Date | null
}

/**
 * How long after its announcement a key may first sign: twice the 300 s for which an entity configuration is kept,
 * once by the node that signs it and once by whoever fetched it (wire-format W1).
 */
export const KEY_OVERLAP_SECONDS = 600

/** The same of a key of the log: by it a node cosigns, and verifiers hold the statement that names it to its end. */
export const LOG_KEY_OVERLAP_SECONDS = SUBORDINATE_STATEMENT_LIFETIME_SECONDS + CLOCK_SKEW_SECONDS

/** How long after its announcement a key of that purpose may first sign. */
export function overlapSecondsOf(purpose: NodeKeyPurpose): number {
  return purpose === 'tlog' ? LOG_KEY_OVERLAP_SECONDS : KEY_OVERLAP_SECONDS
}

/**
 * How long after its successor's first use a key may still be in a process of this node: the poll of the ring, and
 * the longest transaction, with room. Its last record stands in the queue of the log after that.
 */
export const KEY_SETTLE_SECONDS = 120

/** Keys in these states are published: what they sign, or signed a moment ago, is verified by them. */
const PUBLISHED: ReadonlySet<KeyState> = new Set<KeyState>(['announced', 'active', 'outgoing'])

/**
 * True for the keys that stand in the configuration of the node. A retired key of the log stays: proofs against the
 * checkpoints that are kept for ever carry its signature, and what it could still sign would have no witness.
 */
export function isPublished({ state, purpose }: Pick<NodeKey, 'state' | 'purpose'>): boolean {
  return PUBLISHED.has(state) || (purpose === 'tlog' && state === 'retired')
}

/** A step is allowed, or it is refused by a name of the catalogue. */
export type KeyJudgement =
  | { readonly kind: 'allow' }
  | { readonly kind: 'refuse'; readonly because: ProblemCode; readonly detail: string }

const ALLOW: KeyJudgement = { kind: 'allow' }

function refuse(because: ProblemCode, detail: string): KeyJudgement {
  return { kind: 'refuse', because, detail }
}

/** What an activation is judged by. */
export interface ActivationFacts {
  readonly key: NodeKey
  /** The keys of the same purpose, this one among them. */
  readonly siblings: readonly NodeKey[]
  /** Whether a witnessed proof of its announcement exists in the node's own log. */
  readonly isWitnessed: boolean
  /** Of a root's federation key: whether the newest published key set names it. True for any other key. */
  readonly isInRootKeySet: boolean
  readonly now: Date
  readonly overlapSeconds: number
}

/**
 * Allows a key to sign: announced, under a witnessed checkpoint of the node's own log, endorsed by the root, and
 * known long enough that no verifier holds a configuration without it. Only where the key before it was
 * compromised is the last one not waited for: a configuration that is late is then the lesser evil.
 */
export function judgeActivation(facts: ActivationFacts): KeyJudgement {
  const { key, siblings, now } = facts
  if (key.state !== 'announced') return refuse('key-state', `Key ${key.kid} is ${key.state}, not announced`)
  if (!facts.isInRootKeySet)
    return refuse('key-not-endorsed', `The root's newest key set does not name ${key.kid}`)
  if (key.endorsedAt === null)
    return refuse('key-not-endorsed', `The root has not endorsed key ${key.kid} yet`)
  if (!facts.isWitnessed)
    return refuse('key-not-endorsed', `No witnessed checkpoint covers the announcement of ${key.kid} yet`)
  const isEmergency = !siblings.some(({ state }) => state === 'active')
  const knownSince = Math.max(key.announcedAt.getTime(), key.endorsedAt.getTime())
  const waitMs = knownSince + facts.overlapSeconds * 1000 - now.getTime()
  if (!isEmergency && waitMs > 0)
    return refuse(
      'key-too-early',
      `Verifiers may not know key ${key.kid} for ${Math.ceil(waitMs / 1000)} s more`,
    )
  return ALLOW
}

/** Allows to retire a key: another signs in its place, and has for long enough that this one's last record is queued. */
export function judgeRetirement(facts: {
  readonly key: NodeKey
  readonly now: Date
  readonly settleSeconds: number
}): KeyJudgement {
  const { key, now, settleSeconds } = facts
  if (key.state !== 'outgoing' || key.outgoingAt === null)
    return refuse('key-state', `Key ${key.kid} is ${key.state}; only a key that another replaced is retired`)
  const waitMs = key.outgoingAt.getTime() + settleSeconds * 1000 - now.getTime()
  return waitMs > 0
    ? refuse('key-too-early', `Key ${key.kid} may still be signing for ${Math.ceil(waitMs / 1000)} s`)
    : ALLOW
}

/** Allows to call a key compromised, once, or again since an earlier time. */
export function judgeCompromise(facts: {
  readonly key: NodeKey
  readonly since: Date
  readonly now: Date
}): KeyJudgement {
  const { key, since, now } = facts
  if (since.getTime() > now.getTime())
    return refuse('key-state', 'A compromise is told from when it began, which is not in the future')
  return key.compromisedAt === null || since.getTime() < key.compromisedAt.getTime()
    ? ALLOW
    : refuse('key-state', `Key ${key.kid} is compromised since ${key.compromisedAt.toISOString()} already`)
}
