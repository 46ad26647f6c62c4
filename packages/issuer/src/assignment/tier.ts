import type { Level, Subject } from '@arc3088/codec'
import type { ProblemCode, ProblemExtra, RegistryError } from '@arc3088/problems'
import type { CodeAssignment, CompactJws } from '@arc3088/records'
import type { IdempotencyKey } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { Disclosure } from '../log/log-name.ts'
import type { StatusIndex } from '../numbering/supply.ts'
import type { CodeKey } from './code-key.ts'

/** One request for one code, with what makes a retry recognisable. */
export interface Submission<Request> {
  readonly request: Request
  /** Who asks: part of the idempotency key, so that two principals never meet in one. */
  readonly principal: string
  /** The requester below which the act is done, 0 for acts of the node's own desk. */
  readonly scopeRequester: number
  readonly idempotency: IdempotencyKey
}

/** What a record says beyond its code: the members that only this tier knows. */
export type RecordExtra = Partial<CodeAssignment>

/** The pure decision over one request. */
export type Judgement =
  | {
      readonly kind: 'assign'
      /** The numbers above the level that is assigned; all 0 at the root. */
      readonly parent: CodeKey
      /** A number that the applicant chose; otherwise the numbering plan gives one. */
      readonly wish?: number
      readonly extra?: RecordExtra
      /** What decides, besides the level, whether the log may show the code (wire-format W8). */
      readonly disclosure?: Disclosure
      /** Level requester only: the key under which this requester's codes will stand in the log. */
      readonly logKey?: Uint8Array
    }
  | {
      readonly kind: 'refuse'
      readonly because: ProblemCode
      readonly detail: string
      readonly extra?: ProblemExtra
    }

/** A request that got its code: everything its rows are made of. */
export interface Assigned<Request> {
  readonly request: Request
  readonly subject: Subject
  readonly key: CodeKey
  readonly record: CompactJws
  readonly hash: Uint8Array
  readonly issuedAt: Date
  readonly status: StatusIndex
}

/** What became of one submission. */
export type Outcome =
  | {
      readonly kind: 'assigned'
      readonly subject: Subject
      readonly record: CompactJws
      readonly replayed: boolean
    }
  | { readonly kind: 'refused'; readonly error: RegistryError }

/**
 * One tier of the hierarchy, as the assignment seam sees it. All functions take many requests, also when there
 * is one: the hot path and the single request are the same path.
 */
export interface Tier<Request, Facts, Tables extends IssuerTables> {
  readonly level: Level
  /** Names the act within the idempotency key. */
  readonly operation: string
  /** The number that a request chooses, so that none is leased for it. */
  wishOf(request: Request): number | undefined
  /** The business type whose ranges a request is numbered from (GB/Z 185.2 5.6 a); a tier without it has none. */
  businessTypeOf?(request: Request): string | undefined
  /** What is contested beyond rows that `readFacts` locks: names of advisory locks, taken in order. */
  lockKeys(requests: readonly Request[]): readonly string[]
  /** One query a kind of fact, whatever the number of requests. Locks parents `for share`, in key order. */
  readFacts(tx: Transaction<Tables>, requests: readonly Request[]): Promise<Facts>
  /** Pure. `earlier` are the requests of this batch that were granted before this one. */
  judge(request: Request, facts: Facts, earlier: readonly Request[]): Judgement
  /** Writes the tier's own rows, in the order given. */
  insert(tx: Transaction<Tables>, assigned: readonly Assigned<Request>[]): Promise<void>
}
