import { buildRequesterPrefix, asProviderNumber, asRequesterNumber, HOME_PREFIX } from '@arc3088/codec'
import type { CompactJws } from '@arc3088/records'
import { expect, test } from 'vitest'

import type { NumberingPlan } from '../numbering/numbering-plan.ts'
import { acknowledge } from './acknowledge.ts'
import type { CodeKey } from './code-key.ts'

const LEASED: NumberingPlan = [
  { level: 'requester', name: 'general', kind: 'scrambled', first: 1001, last: 2000 },
]
const WITH_CHOSEN: NumberingPlan = [
  { level: 'requester', name: 'chosen', kind: 'chosen', first: 1, last: 1000, closed: true },
  ...LEASED,
]

async function journaledOf(plan: NumberingPlan, requester: number): Promise<CodeKey[]> {
  const journaled: CodeKey[] = []
  const subject = buildRequesterPrefix({
    prefix: HOME_PREFIX,
    provider: asProviderNumber(1),
    requester: asRequesterNumber(requester),
  })
  await acknowledge(
    {
      plan: () => plan,
      journalChosen: async (keys) => void journaled.push(...keys),
    },
    'requester',
    [{ kind: 'assigned', subject, record: 'a.b.c' as CompactJws, replayed: true }],
  )
  return journaled
}

test('a code for which a lease stands is not journaled again', async () => {
  expect(await journaledOf(WITH_CHOSEN, 1500)).toEqual([])
})

test('a chosen code is journaled, from a closed range too', async () => {
  expect(await journaledOf(WITH_CHOSEN, 7)).toHaveLength(1)
})

test('a code that another process gave from a range that this one does not know yet is journaled', async () => {
  expect(await journaledOf(LEASED, 7)).toHaveLength(1)
})
