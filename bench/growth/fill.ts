import { readCode } from '@arc3088/codec'
import type pg from 'pg'

import type { StandRequester } from '../stand/requester.ts'

/** Odd, so that multiplying by it modulo 2^31 is a bijection: numbers spread over their range as scrambled ones do. */
const SPREAD = 1_640_531_527
const STATUS_LIST_ENTRIES = 131_072

/** Ontologies that instances are filled in under, and the length that their records are given. */
export interface FillPlan {
  readonly ontologies: readonly { readonly requester: number; readonly ontology: number }[]
  readonly recordLength: number
}

/** The numbers of the requesters' ontologies. */
export function fillPlanOf(requesters: readonly StandRequester[], recordLength: number): FillPlan {
  const ontologies = requesters.map(({ ontology: text }) => {
    const read = readCode(text)
    if (read.kind !== 'code') throw new Error(`${text} is no code`)
    return { requester: Number(read.requester), ontology: Number(read.ontology) }
  })
  return { ontologies, recordLength }
}

/** The number of the `nth` filled instance, in the range of chosen numbers, where the plan gives none by itself. */
export function filledNumber(nth: number): number {
  return Number((BigInt(nth + 1) * BigInt(SPREAD)) % 2n ** 31n)
}

/**
 * Writes instances [from, to): ledger, record, idempotency and queue rows as an assignment has them, but for signatures:
 * a record here is text of the length of a real one. What is measured on them is size and search, never a signature.
 */
export async function fill(owner: pg.Client, plan: FillPlan, from: number, to: number): Promise<void> {
  const { ontologies, recordLength } = plan
  const given = [
    from,
    to,
    ontologies.map(({ requester }) => requester),
    ontologies.map(({ ontology }) => ontology),
  ] as const
  const numbered = `
    select nth, 1::bigint as provider, ($3::bigint[])[1 + nth % ${ontologies.length}] as requester,
      ($4::bigint[])[1 + nth % ${ontologies.length}] as ontology, ((nth + 1) * ${SPREAD} % 2147483648) as instance
    from generate_series($1::bigint, $2::bigint - 1) as given (nth)`
  await owner.query('begin')
  await owner.query(
    `insert into code_ledger (provider, requester, ontology, instance, assigned_at)
     select provider, requester, ontology, instance, now() from (${numbered}) as n`,
    [...given],
  )
  await owner.query(
    `insert into assignment_record
       (provider, requester, ontology, instance, hash, jws, issued_at, status_list, status_index)
     select provider, requester, ontology, instance, sha256(convert_to('record-' || nth, 'UTF8')),
       left(repeat(md5('payload-' || nth), ${Math.ceil(recordLength / 32)}), ${recordLength}), now(),
       1000000 + nth / ${STATUS_LIST_ENTRIES}, nth % ${STATUS_LIST_ENTRIES}
     from (${numbered}) as n`,
    [...given],
  )
  await owner.query(
    `insert into idempotency (scope_requester, key_hash, body_hash, provider, requester, ontology, instance)
     select requester, sha256(convert_to('key-' || nth, 'UTF8')), sha256(convert_to('body-' || nth, 'UTF8')),
       provider, requester, ontology, instance
     from (${numbered}) as n`,
    [...given],
  )
  await owner.query('commit')
}
