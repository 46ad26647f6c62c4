import { AGREEMENT_EVENTS_OF_ANY_KIND } from '@arc3088/records'

import type { RecognitionCase } from './recognition-case.ts'
import { ENDED_AT, recognition, updateKeys } from './recognition-case.ts'
import { F, G, IN_FORCE_AT, eventPart } from './recognition-scenario.ts'
import type { Part } from './scenario-parts.ts'
import { ROOT, T0 } from './scenario.ts'

export const EVENTS_CASES: readonly RecognitionCase[] = [
  {
    name: 'event-forked',
    says: 'a party made two events with one number',
    verdict: 'chain-invalid',
    reason: 'event-forked',
    change: (draft) => {
      draft.events.push(eventPart(F, 'suspend', T0), eventPart(F, 'terminate', T0, { claims: { seq: 2 } }))
    },
  },
  {
    name: 'event-follows-another',
    says: 'an event follows one that is not here',
    verdict: 'chain-invalid',
    reason: 'event-forked',
    change: (draft) => {
      draft.events.push(eventPart(F, 'suspend', T0, { claims: { prev: 'A'.repeat(43) } }))
    },
  },
  {
    name: 'event-missing',
    says: 'a suspension was left out of the middle',
    verdict: 'chain-invalid',
    reason: 'event-missing',
    change: (draft) => {
      draft.events.push(eventPart(F, 'suspend', T0), eventPart(F, 'resume', T0 + 1))
    },
    cut: (bundle) => {
      const all = recognition(bundle)['events'] as string[]
      all.splice(2, 1)
    },
  },
  {
    name: 'event-out-of-turn',
    says: 'a party resumes what it did not suspend',
    verdict: 'chain-invalid',
    reason: 'event-out-of-turn',
    change: (draft) => {
      draft.events.push(eventPart(ROOT, 'suspend', T0), eventPart(F, 'resume', T0 + 60))
    },
  },
  {
    name: 'event-after-leaving',
    says: 'a party that has left comes back alone',
    verdict: 'chain-invalid',
    reason: 'event-out-of-turn',
    change: (draft) => {
      draft.events.push(eventPart(F, 'terminate', T0), eventPart(F, 'activate', T0 + 60))
    },
  },
  {
    name: 'event-by-other-party',
    says: 'one party resumes in the name of another',
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft) => {
      draft.events.push(eventPart(ROOT, 'suspend', T0))
      draft.events.push(eventPart(ROOT, 'resume', T0 + 60, { key: 'f.federation' }))
    },
  },
  {
    name: 'event-by-former-key',
    says: 'a party resumes with a key that it has replaced',
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft, signers) => {
      updateKeys(draft, signers)
      draft.events.push(eventPart(F, 'suspend', ENDED_AT + 1))
    },
  },
  {
    name: 'event-of-another-agreement',
    says: 'an event of another agreement stands among those of this one',
    verdict: 'chain-invalid',
    reason: 'event-of-another-agreement',
    change: (draft) => {
      draft.events.push(eventPart(F, 'suspend', T0, { claims: { agreement_hash: 'A'.repeat(43) } }))
    },
  },
  {
    name: 'event-of-stranger',
    says: 'somebody who is no party makes an event',
    verdict: 'chain-invalid',
    reason: 'event-of-stranger',
    change: (draft) => {
      draft.events.push(eventPart(G, 'activate', IN_FORCE_AT))
    },
  },
  {
    name: 'events-over-limit',
    says: 'a party goes on after as many events as there is room for, with one that lets more through',
    verdict: 'chain-invalid',
    reason: 'event-over-limit',
    change: (draft) => {
      pad(draft.events)
      draft.events.push(eventPart(F, 'suspend', ENDED_AT), eventPart(F, 'resume', ENDED_AT + 1))
    },
  },
  {
    name: 'event-too-long',
    says: 'a party goes on with an event that has no room, since those before it were padded',
    verdict: 'chain-invalid',
    reason: 'event-over-limit',
    change: (draft) => {
      const padding = 'x'.repeat(40_000)
      for (let nth = 0; nth < 3; nth++)
        draft.events.push(
          eventPart(F, nth % 2 === 0 ? 'suspend' : 'resume', T0 + nth, { claims: { padding } }),
        )
    },
  },
  {
    name: 'suspended-out-of-reserve',
    says: 'a party that has used up its room for events can still suspend',
    verdict: 'recognition-suspended',
    reason: 'recognition-suspended',
    change: (draft) => {
      pad(draft.events)
      draft.events.push(eventPart(F, 'suspend', ENDED_AT))
    },
  },
]

/** As many events of F as may be of any kind. */
function pad(events: Part[]): void {
  const before = events.filter((part) => part.claims['iss'] === F).length
  for (let nth = before; nth < AGREEMENT_EVENTS_OF_ANY_KIND; nth++)
    events.push(eventPart(F, (nth - before) % 2 === 0 ? 'suspend' : 'resume', T0 + nth))
  if ((AGREEMENT_EVENTS_OF_ANY_KIND - before) % 2 === 1) events.pop()
}
