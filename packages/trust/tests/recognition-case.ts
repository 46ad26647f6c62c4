import type { ReasonCode, Verdict } from '@arc3088/trust'

import type { RecognitionDraft } from './recognition-scenario.ts'
import { F, eventPart, keySetPart } from './recognition-scenario.ts'
import type { Claims, Json, Signers } from './scenario.ts'
import { T0 } from './scenario.ts'

/** One vector: what is wrong with a sound world of two roots, and what must come of it. */
export interface RecognitionCase {
  name: string
  says: string
  verdict: Verdict
  reason?: ReasonCode
  change?: (draft: RecognitionDraft, signers: Signers) => void | Promise<void>
  /** Changes the signed bundle. */
  cut?: (bundle: { [name: string]: Json }, signers: Signers) => void | Promise<void>
}

export const member = (claims: Claims, name: string) => claims[name] as Claims
export const parties = (draft: RecognitionDraft) => draft.terms['parties'] as Claims[]
export const recognition = (bundle: { [name: string]: Json }) => bundle['recognition'] as Claims
/** Between the records and the instant judged at. */
export const ENDED_AT = T0 + 300

export function endedBy(event: string, state: string) {
  return (draft: RecognitionDraft) => {
    draft.events.push(eventPart(F, event, ENDED_AT))
    Object.assign(draft.entry, { state, state_since: ENDED_AT })
  }
}

/** F announces a second federation key and signs with it from then on. */
export function updateKeys(draft: RecognitionDraft, signers: Signers): void {
  const next = { ...signers['f.next'].publicJwk }
  const set = keySetPart(F, ['f.root', 'f.next'], signers)
  draft.laterKeySets.push({ part: set, cosigner: 'f.root' })
  draft.events.push(eventPart(F, 'key_update', ENDED_AT, { claims: { jwks: { keys: [next] } } }))
  draft.entry['jwks_thumbprints'] = [signers['f.next'].kid]
  for (const part of [draft.foreign.rootConfiguration, draft.foreign.statement]) part.key = 'f.next'
  draft.foreign.rootConfiguration.claims['jwks'] = { keys: [next] }
}
