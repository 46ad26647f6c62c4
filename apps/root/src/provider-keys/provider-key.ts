import type { KeyState } from '@arc3088/issuer'
import type { ProblemCode } from '@arc3088/problems'
import type { KeyEndorsement, KeyEvent, NodeKeyPurpose, PublicJwk } from '@arc3088/records'

/** A key of a provider, as the root knows it. */
export interface ProviderKey {
  readonly kid: string
  readonly provider: number
  readonly purpose: NodeKeyPurpose
  readonly state: KeyState
}

/** What a change of a provider's key is judged by. */
export interface ProviderKeyFacts {
  readonly provider: number
  /** The federation keys that the root's statement names. */
  readonly federationKeys: readonly PublicJwk[]
  /** The keys of this provider that the root knows, and any other key of the same kid. */
  readonly known: readonly ProviderKey[]
  /** Whether this root uses the key itself, or names it as a federation key of another provider. */
  readonly isForeign: boolean
  /** What the provider said of this key and event before, and the root said again. */
  readonly taken: readonly KeyEndorsement[]
}

/** What follows from a change: how the key stands now, and which keys sign for the provider. */
export interface ProviderKeyStep {
  readonly kind: 'endorse'
  readonly state: KeyState
  /** The key that was active until now, and goes out. */
  readonly outgoing: string | undefined
  readonly federationKeys: readonly PublicJwk[]
}

export type ProviderKeyVerdict =
  | ProviderKeyStep
  /** The key took this step last: it is said again, and nothing follows. */
  | { readonly kind: 'repeat' }
  | { readonly kind: 'refuse'; readonly because: ProblemCode; readonly detail: string }

/** As many as a statement names at most, with room for the one that goes out. */
const FEDERATION_KEYS_MAX = 16
/** Keys of a log that a statement can name: retired ones stay in it, only compromised ones leave. */
const LOG_KEYS_MAX = 16
/** A node lets one key of a purpose wait at a time; a few more may have been given up. */
const WAITING_KEYS_MAX = 4

/** How a key may stand whose last own step was that one; it goes out by the step of another. */
const STATES_AFTER: Readonly<Record<KeyEvent, readonly KeyState[]>> = {
  announce: ['announced'],
  activate: ['active', 'outgoing'],
  retire: ['retired'],
  compromise: ['compromised'],
}

function refuse(because: ProblemCode, detail: string): ProviderKeyVerdict {
  return { kind: 'refuse', because, detail }
}

/**
 * Decides whether the root says again what a provider says of its key. A key is announced before it signs; only the
 * first of each purpose begins as active. A new federation key stands in the root's statement from its announcement,
 * and no more from its retirement or compromise on; the last one is never taken away. The last step that a key of another
 * purpose took may be told again in a new document: where the answer was lost and the key that signed the first is given up.
 * An earlier one is refused: a node that was put back would take up a key that has ended.
 */
export function judgeProviderKey(change: KeyEndorsement, facts: ProviderKeyFacts): ProviderKeyVerdict {
  const { key, purpose, event } = change
  const { federationKeys } = facts
  const known = facts.known.find(({ kid }) => kid === key.kid)
  const isStanding = federationKeys.some(({ kid }) => kid === key.kid)
  if (
    facts.isForeign ||
    (known !== undefined && (known.provider !== facts.provider || known.purpose !== purpose)) ||
    (isStanding && purpose !== 'federation')
  )
    return refuse('key-two-purposes', `Key ${key.kid} serves another purpose or another node`)
  const isLast = known !== undefined && STATES_AFTER[event].includes(known.state)
  if (isLast && purpose !== 'federation' && facts.taken.some((each) => isSameStep(each, change)))
    return { kind: 'repeat' }
  const step = (state: KeyState, keys = federationKeys, outgoing?: string): ProviderKeyStep => ({
    kind: 'endorse',
    state,
    outgoing,
    federationKeys: keys,
  })
  const without = federationKeys.filter(({ kid }) => kid !== key.kid)
  const siblings = facts.known.filter((each) => each.purpose === purpose && each.provider === facts.provider)
  switch (event) {
    case 'announce': {
      if (known !== undefined) return refuse('key-state', `Key ${key.kid} was announced before`)
      if (siblings.filter(({ state }) => state === 'announced').length >= WAITING_KEYS_MAX)
        return refuse('key-state', `${WAITING_KEYS_MAX} ${purpose} keys wait already`)
      if (
        purpose === 'tlog' &&
        siblings.filter(({ state }) => state !== 'compromised').length >= LOG_KEYS_MAX
      )
        return refuse('key-state', `The statement names ${LOG_KEYS_MAX} keys of the log already`)
      if (purpose !== 'federation') return step('announced')
      if (federationKeys.length >= FEDERATION_KEYS_MAX)
        return refuse('key-state', `The statement names ${federationKeys.length} federation keys already`)
      return step('announced', isStanding ? federationKeys : [...federationKeys, key])
    }
    case 'activate': {
      const isFirst = known === undefined && siblings.length === 0
      if (isFirst && purpose === 'federation' && !isStanding)
        return refuse(
          'key-not-endorsed',
          `Key ${key.kid} is not a federation key that the provider applied with`,
        )
      // Put in the place of all others by a decision, it is told of by the provider only when it comes into use.
      if (purpose === 'federation' && isStanding && known?.state === 'active') return step('active')
      if (!isFirst && known?.state !== 'announced')
        return refuse('key-state', `Key ${key.kid} is ${known?.state ?? 'not known'}, not announced`)
      return step('active', federationKeys, siblings.find(({ state }) => state === 'active')?.kid)
    }
    case 'retire':
      if (known?.state !== 'outgoing')
        return refuse(
          'key-state',
          `Key ${key.kid} is ${known?.state ?? 'not known'}; another must replace it first`,
        )
      return step('retired', without)
    case 'compromise':
      if (known === undefined) return refuse('key-state', `Key ${key.kid} is not known`)
      if (isStanding && without.length === 0)
        return refuse(
          'key-state',
          'The last federation key is replaced by another, or by the desk of the root',
        )
      return step('compromised', without)
  }
}

/** Of two documents about one key: whether they say the same of it. */
function isSameStep(one: KeyEndorsement, other: KeyEndorsement): boolean {
  return (
    one.event === other.event &&
    one.purpose === other.purpose &&
    one.key.kid === other.key.kid &&
    one.exp === other.exp &&
    one.revoked_at === other.revoked_at
  )
}
