import type { Decided, Draw, Wanted } from '@arc3088/issuer'
import type { IdempotencyKey } from '@arc3088/service'
import type { Transaction } from 'kysely'
import type { ZodType } from 'zod'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import type { RootRole } from '../permissions.ts'

/** What is asked for, exactly as it will happen, and what it is about. */
export interface Prepared<Payload> {
  readonly payload: Payload
  /** Names such as `provider:A1`: about each, one proposal is pending at most, and acts on it wait for each other. */
  readonly objects: readonly string[]
}

/** An approved act on its way into the database. */
export interface Approved<Payload> extends Omit<Decided, 'payload'> {
  readonly payload: Payload
  /** What was reserved for it; see `Act.wants`. */
  readonly draw: Draw
  /** The key of the approval that was the last one needed. */
  readonly idempotency: IdempotencyKey
}

/**
 * Something that the competent authority does by dual control: proposed by one officer, decided by M of them, carried out
 * once. Payload and outcome are public, and whatever the root signs because of the act follows from the payload alone:
 * rows are there for queries and locks, never as a reason to sign.
 */
export interface Act<Ask, Payload extends object, Outcome extends object, Seen = undefined> {
  /** The kind of its proposals, such as `provider:suspend`. */
  readonly kind: string
  /** One line for the desk. */
  readonly summary: string
  /** Who may propose it; officers alone decide. */
  readonly proposers: readonly RootRole[]
  /** What the desk sends: strict. */
  readonly ask: ZodType<Ask>
  /** Exactly what will happen. */
  readonly payload: ZodType<Payload>
  /** What is asked of others before the desk is held, so that a slow address keeps nobody waiting. */
  look?(deps: RootDeps, ask: Ask): Promise<Seen>
  /** Reads facts under locks, judges, and says what will happen; throws RegistryError where it may not. */
  prepare(deps: RootDeps, tx: Transaction<RootTables>, ask: Ask, seen: Seen): Promise<Prepared<Payload>>
  /** What others said is asked again before it is decided, the desk not held either; throws where it is so no more. */
  lookAgain?(deps: RootDeps, payload: Payload): Promise<void>
  /**
   * Operators whom it takes from the desk or from office: others decide about them. They may not end it by a rejection, or
   * one officer could stay for ever.
   */
  concerns?(about: {
    deps: RootDeps
    tx: Transaction<RootTables>
    payload: Payload
  }): Promise<readonly string[]>
  /** Numbers and places in status lists of level provider that carrying it out takes; leased before the transaction. */
  wants?(payload: Payload): Wanted
  /**
   * Judges again and writes everything, in the transaction of the approval: throwing leaves the proposal pending.
   * Answers what is kept with the proposal and told to every retry.
   */
  carryOut(deps: RootDeps, tx: Transaction<RootTables>, approved: Approved<Payload>): Promise<Outcome>
  /** After the commit and before the answer; run again on a retry, so it changes nothing the second time. */
  settle?(deps: RootDeps, outcome: Outcome): Promise<void>
}

/** An act whose types are its own affair: what the desk's general routes see. */
export type AnyAct = Act<unknown, object, object, unknown>

/** Hands an act to the general routes; its own schemas stand between them and its types. */
export function defineAct<Ask, Payload extends object, Outcome extends object, Seen = undefined>(
  act: Act<Ask, Payload, Outcome, Seen>,
): AnyAct {
  const { look } = act
  return {
    ...act,
    look: async (deps, ask) => await look?.(deps, act.ask.parse(ask)),
    prepare: async (deps, tx, ask, seen) => await act.prepare(deps, tx, act.ask.parse(ask), seen as Seen),
    ...(act.lookAgain === undefined
      ? {}
      : {
          lookAgain: async (deps: RootDeps, payload: object) => {
            await act.lookAgain?.(deps, act.payload.parse(payload))
          },
        }),
    ...(act.wants === undefined
      ? {}
      : {
          wants: (payload: object) => act.wants?.(act.payload.parse(payload)) ?? { numbers: 0, statuses: 0 },
        }),
    ...(act.concerns === undefined
      ? {}
      : {
          concerns: async ({
            payload,
            ...about
          }: {
            deps: RootDeps
            tx: Transaction<RootTables>
            payload: object
          }) => (await act.concerns?.({ ...about, payload: act.payload.parse(payload) })) ?? [],
        }),
    carryOut: async (deps, tx, approved) =>
      await act.carryOut(deps, tx, { ...approved, payload: act.payload.parse(approved.payload) }),
    ...(act.settle === undefined
      ? {}
      : { settle: async (deps: RootDeps, outcome: object) => await act.settle?.(deps, outcome as Outcome) }),
  }
}
