import { MAX } from '@arc3088/codec'
import type { NumberingPlan } from '@arc3088/issuer'

const LAST_OF_THREE_SYMBOLS = 36 ** 3 - 1

/**
 * The plan of a root that has none yet: short codes as the desk chooses, then one after another. Never more
 * than five symbols, which is safe under both readings of GB/Z 185.2 5.4.
 */
export const DEFAULT_PROVIDER_PLAN: NumberingPlan = [
  { level: 'provider', name: 'short', kind: 'chosen', first: 1, last: LAST_OF_THREE_SYMBOLS },
  {
    level: 'provider',
    name: 'general',
    kind: 'sequential',
    first: LAST_OF_THREE_SYMBOLS + 1,
    last: MAX.provider,
  },
]
