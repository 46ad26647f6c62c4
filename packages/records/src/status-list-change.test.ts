import canonicalize from 'canonicalize'
import { expect, test } from 'vitest'

import { jcsDigest } from './digest.ts'
import { STATUS } from './status-list.ts'
import { formatStatusTransition, statusTransitionHash } from './status-list-change.ts'

test('a transition is hashed as its JCS form', async () => {
  const transition = { code: '1.2.156.3088.1.1.34C2', status: STATUS.suspended, since: 1_790_000_000 }
  expect(formatStatusTransition(transition)).toBe(canonicalize(transition))
  expect(`sha-256:${await statusTransitionHash(transition)}`).toBe(await jcsDigest(transition))
})
