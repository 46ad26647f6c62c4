import type { NumericDate, ProviderAppointment, SubordinateStatement } from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE } from '@arc3088/records'

import type { Finding, ReasonCode } from './findings.ts'
import type { StatusEntry } from './status-evidence.ts'
import type { Verdict } from './verdict.ts'

/** A status and whose it is; from a list or a live answer. */
export type StatusSaid = Pick<StatusEntry, 'of' | 'subject' | 'status'>

type Judged = { readonly verdict: Verdict; readonly code: ReasonCode; readonly detail: string } | undefined

const SUSPENDED: Record<StatusEntry['of'], Verdict> = {
  statement: 'provider-suspended',
  provider: 'provider-suspended',
  requester: 'requester-suspended',
  ontology: 'suspended',
  instance: 'suspended',
}

function judge({ of, status, subject }: StatusSaid, asked: string): Judged {
  switch (status) {
    case 'valid':
      return undefined
    case 'suspended':
      return { verdict: SUSPENDED[of], code: 'status-suspended', detail: `${of} is suspended or locked` }
    case 'revoked':
    case 'recalled':
      // A withdrawn statement vouches for nothing any more, its keys least of all (emergency key replacement, W2).
      if (of === 'statement') {
        return {
          verdict: 'chain-invalid',
          code: 'statement-withdrawn',
          detail: `the root's statement is ${status}`,
        }
      }
      return { verdict: status, code: `status-${status}`, detail: `${of} is ${status}` }
    case 'retired':
      return of === 'statement' || of === 'provider'
        ? { verdict: 'provider-retired', code: 'status-retired', detail: 'the provider is retired' }
        : { verdict: 'retired', code: 'status-retired', detail: `${of} is retired` }
    case 'superseded':
      // Advice, and only about the very code asked for: successors do not condemn what was built (W7).
      return {
        verdict: subject === asked ? 'superseded' : 'valid',
        code: 'status-superseded',
        detail: `${of} has a successor`,
      }
  }
}

/** The statuses as findings: the worst over statement, provider, requester, ontology and record decides (W7). */
export function judgeStatuses(entries: readonly StatusSaid[], asked: string): readonly Finding[] {
  return entries.flatMap((entry) => {
    const judged = judge(entry, asked)
    return judged === undefined ? [] : [{ ...judged, subject: entry.subject }]
  })
}

/**
 * What the root's statement says that the provider was at an instant of the past; undefined of a time that it says nothing
 * of: the time before the first state, and all time from the second it was signed in on, since the state may have changed
 * after it.
 */
export function stateAt(
  { iat, metadata }: Pick<SubordinateStatement, 'iat' | 'metadata'>,
  asOf: NumericDate,
): ProviderAppointment['state'] | undefined {
  if (asOf >= iat) return undefined
  const { states = [] } = metadata[PROVIDER_ENTITY_TYPE]
  return states.findLast(({ since }) => since <= asOf)?.state
}

/** What the state that the root's statement says the provider is in, or was in, means for its codes. */
export function judgeProviderState(
  { code_prefix: subject }: ProviderAppointment,
  state: ProviderAppointment['state'],
): Finding | undefined {
  if (state === 'active') return undefined
  const verdict = state === 'suspended' ? 'provider-suspended' : 'provider-retired'
  return { verdict, code: 'provider-state', detail: `the root's statement says ${state}`, subject }
}
