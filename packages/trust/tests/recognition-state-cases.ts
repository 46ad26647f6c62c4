import { STATUS } from '@arc3088/records'

import { addLogs } from './log-scenario.ts'
import type { RecognitionCase } from './recognition-case.ts'
import { ENDED_AT, endedBy, member, updateKeys } from './recognition-case.ts'
import { F, G, addThirdParty, eventPart, foreignSigners } from './recognition-scenario.ts'
import { JUDGED_AT, ROOT, T0 } from './scenario.ts'

export const SOUND_CASES: readonly RecognitionCase[] = [
  { name: 'bilateral', says: 'a code of a root that is recognised by an agreement of two', verdict: 'valid' },
  {
    name: 'multilateral',
    says: 'an agreement of three; the key set of the third is supplied, since nothing of it stands in the list',
    verdict: 'valid',
    change: addThirdParty,
  },
  {
    name: 'one-of-three-left',
    says: 'the third party has left, and the agreement lives on between two',
    verdict: 'valid',
    change: (draft, signers) => {
      addThirdParty(draft, signers)
      draft.events.push(eventPart(G, 'terminate', ENDED_AT))
    },
  },
  {
    name: 'resumed',
    says: 'suspended for two minutes by the recognising root, and resumed by it',
    verdict: 'valid',
    change: (draft) => {
      draft.events.push(eventPart(ROOT, 'suspend', T0), eventPart(ROOT, 'resume', T0 + 120))
      draft.entry['state_since'] = T0 + 120
    },
  },
  {
    name: 'suspension-to-come',
    says: 'a suspension is announced and has not taken effect',
    verdict: 'valid',
    change: (draft) => {
      draft.events.push(eventPart(F, 'suspend', JUDGED_AT + 1, { claims: { iat: T0 } }))
    },
  },
  {
    name: 'keys-updated',
    says: 'the recognised root signs with a federation key that it announced to all parties',
    verdict: 'valid',
    change: updateKeys,
  },
  {
    name: 'witnessed',
    says: "the recognised root's logs are witnessed, and its records proved",
    verdict: 'valid',
    change: (draft, signers) => addLogs(draft.foreign, foreignSigners(signers)),
  },
  {
    name: 'named-hosts',
    says: 'the agreement permits entities below one domain only, and the provider is there',
    verdict: 'valid',
    change: (draft) => {
      const { terms } = draft
      member(terms, 'constraints')['naming_constraints'] = { permitted: ['.example'] }
    },
  },
]

export const STATES_CASES: readonly RecognitionCase[] = [
  {
    name: 'no-entry',
    says: 'the list has no entry for the prefix',
    verdict: 'not-recognised',
    reason: 'prefix-not-recognised',
    change: (draft) => {
      draft.list.claims['entries'] = []
    },
  },
  {
    name: 'no-entry-in-old-list',
    says: 'the list has no entry for the prefix, and is too old to tell',
    verdict: 'stale',
    reason: 'list-too-old',
    change: (draft) => {
      Object.assign(draft.list.claims, { iat: JUDGED_AT - 601, exp: JUDGED_AT + 600, entries: [] })
    },
  },
  {
    name: 'not-yet',
    says: 'the agreement begins after the instant judged',
    verdict: 'not-recognised',
    reason: 'recognition-not-yet',
    change: (draft) => {
      draft.terms['nbf'] = JUDGED_AT + 60
    },
  },
  {
    name: 'never-activated',
    says: 'the list says in force, and the events that activate the agreement were left out',
    verdict: 'indeterminate',
    reason: 'part-missing',
    change: (draft) => {
      draft.events = []
    },
  },
  {
    name: 'suspended-by-recognised',
    says: 'the recognised root has suspended; the list does not know it yet',
    verdict: 'recognition-suspended',
    reason: 'recognition-suspended',
    change: (draft) => {
      draft.events.push(eventPart(F, 'suspend', ENDED_AT))
    },
  },
  {
    name: 'suspended-by-list',
    says: 'the list says suspended; the event was left out',
    verdict: 'recognition-suspended',
    reason: 'recognition-suspended',
    change: (draft) => {
      Object.assign(draft.entry, { state: 'suspended', state_since: ENDED_AT })
    },
  },
  {
    name: 'resumed-by-the-other',
    says: 'the recognising root has suspended; that the recognised one suspends and resumes too changes nothing',
    verdict: 'recognition-suspended',
    reason: 'recognition-suspended',
    change: (draft) => {
      draft.events.push(
        eventPart(ROOT, 'suspend', T0),
        eventPart(F, 'suspend', T0),
        eventPart(F, 'resume', T0 + 60),
      )
    },
  },
  {
    name: 'terminated-proved',
    says: 'the recognised root has left; witnesses saw the records before',
    verdict: 'recognised-historically',
    reason: 'recognition-ended',
    change: (draft, signers) => {
      addLogs(draft.foreign, foreignSigners(signers))
      endedBy('terminate', 'terminated')(draft)
    },
  },
  {
    name: 'terminated-stated',
    says: 'the recognised root has left; that the records are older they alone say',
    verdict: 'recognised-historically',
    reason: 'recognition-ended',
    change: endedBy('terminate', 'terminated'),
  },
  {
    name: 'terminated-before',
    says: 'the recognised root had left before the instance was assigned',
    verdict: 'not-recognised',
    reason: 'recognition-ended',
    change: (draft) => {
      endedBy('terminate', 'terminated')(draft)
      const [instance] = draft.foreign.records.slice(-1)
      if (instance !== undefined) instance.claims['iat'] = ENDED_AT
    },
  },
  {
    name: 'terminated-and-revoked',
    says: 'a code that is revoked stays so, whatever its root was once',
    verdict: 'revoked',
    reason: 'status-revoked',
    change: (draft) => {
      endedBy('terminate', 'terminated')(draft)
      draft.foreign.lists[3]?.entries.push([0, STATUS.revoked])
    },
  },
  {
    name: 'expired',
    says: 'the agreement ran out by itself; the list does not know it yet',
    verdict: 'recognised-historically',
    reason: 'recognition-ended',
    change: (draft) => {
      Object.assign(draft.terms, { review_by: ENDED_AT, exp: ENDED_AT })
    },
  },
  {
    name: 'superseded',
    says: 'a later version without the prefix has taken its place',
    verdict: 'recognised-historically',
    reason: 'recognition-ended',
    change: (draft) => {
      Object.assign(draft.entry, { state: 'superseded', state_since: ENDED_AT })
    },
  },
]
