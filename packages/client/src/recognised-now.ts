import type { NumericDate, RecognitionEntry } from '@arc3088/records'

import { createBasket } from './basket.ts'
import type { Patience, Trouble } from './document-source.ts'
import type { KnownList } from './list-memory.ts'
import { listWanted, takeRecognitionList } from './recognition-list.ts'
import type { WalkParts } from './stations.ts'
import { reachRoot } from './stations.ts'

/** A recognised root, as the list of the pinned one has it (W10). */
export type RecognisedEntry = Pick<
  RecognitionEntry,
  'trust_anchor' | 'territory' | 'code_prefixes' | 'state' | 'state_since' | 'valid_until' | 'agreement'
>

/** Whom a root recognises now, with the list that says so; or why that cannot be told. */
export type RecognisedNow =
  | {
      readonly kind: 'told'
      readonly list: {
        readonly iss: string
        readonly seq: number
        readonly iat: NumericDate
        readonly exp: NumericDate
        /** Seconds. */
        readonly age: number
      }
      /** `expired` as soon as the agreement has ended by itself, whenever the list was signed. */
      readonly entries: readonly RecognisedEntry[]
      /** Milliseconds since the epoch until which asking again would bring nothing else. */
      readonly freshUntil: number
      readonly troubles: readonly Trouble[]
    }
  /** The root names no recognition list: it recognises nobody. */
  | { readonly kind: 'no-list' }
  | { readonly kind: 'unknown'; readonly troubles: readonly Trouble[] }

/** Fetches the recognition list of the pinned root, and tells it where it is soundly signed and not too old. */
export async function tellRecognised(
  parts: WalkParts,
  { now, listMaxAgeSeconds, patience }: { now: () => number; listMaxAgeSeconds: number; patience: Patience },
): Promise<RecognisedNow> {
  const basket = createBasket(parts.source, patience)
  const root = await reachRoot(parts, basket)
  if (root !== undefined && root.recognitionListUri === undefined) return { kind: 'no-list' }
  const wanted = listWanted(now(), listMaxAgeSeconds)
  const list = root === undefined ? undefined : await takeRecognitionList(parts, basket, root, wanted)
  const { troubles, freshUntil } = basket.close()
  const at = Math.floor(now() / 1000)
  if (list === undefined || at > list.claims.exp || at - list.claims.iat > listMaxAgeSeconds)
    return { kind: 'unknown', troubles: list === undefined ? troubles : [...troubles, tooOld(list, at)] }
  const { iss, seq, iat, exp, entries } = list.claims
  return {
    kind: 'told',
    list: { iss, seq, iat, exp, age: Math.max(0, at - iat) },
    entries: entries.map((entry) => toldEntry(entry, at)),
    freshUntil,
    troubles,
  }
}

function tooOld({ claims: { iss, seq, iat } }: KnownList, at: number): Trouble {
  const detail = `recognition list ${seq} is ${at - iat} s old`
  return { code: 'upstream-unreachable', detail, subject: iss }
}

function toldEntry(entry: RecognitionEntry, at: number): RecognisedEntry {
  const { trust_anchor, territory, code_prefixes, state, state_since, valid_until, agreement } = entry
  const hasRunOut = at > valid_until && (state === 'in-force' || state === 'suspended')
  return {
    trust_anchor,
    territory,
    code_prefixes,
    valid_until,
    agreement,
    ...(hasRunOut ? { state: 'expired', state_since: valid_until + 1 } : { state, state_since }),
  }
}
