import type { RootKeySetJws } from '@arc3088/records'
import { AGREEMENT_EVENTS_MAX, RootKeySetJws as RootKeySetJwsSchema } from '@arc3088/records'
import { z } from 'zod'

/** No path has more tiers; more records are refused unread. */
const RECORDS_MAX = 8
const CHAINS_MAX = 4
const STATEMENTS_MAX = 8
const KEY_SETS_MAX = 64
const TOKENS_MAX = 16
const PARTS_MAX = 64
/** Proofs: one a record, and some of what a live answer says of the past. */
const PROOFS_MAX = 64

const Jws = z.string().min(1)

/**
 * Evidence for one code (W6): every part verbatim as signed, so that it can be checked with a pinned key set and no
 * network. A part that is left out is missing, not malformed. Records run top-down, a chain from the provider up:
 * provider configuration, root's statement about it, root configuration.
 */
export const EvidenceBundle = z.strictObject({
  v: z.literal(1),
  records: z.array(Jws).max(RECORDS_MAX).default([]),
  chains: z.array(z.array(Jws).max(STATEMENTS_MAX)).max(CHAINS_MAX).default([]),
  /** Key sets of the root that the chain ends at, oldest first; needed only from the pinned one on. */
  root_keys: z.array(RootKeySetJwsSchema).max(KEY_SETS_MAX).default([]),
  status_list_tokens: z.array(Jws).max(TOKENS_MAX).default([]),
  /** A live answer of the issuing node; carries the only trusted negative. */
  resolution: Jws.exactOptional(),
  description: Jws.exactOptional(),
  agent_key: Jws.exactOptional(),
  /** tlog-proof texts by the hash (W0) of the record whose assign entry they prove. */
  tlog_proofs: z
    .record(z.string(), z.string())
    .refine((proofs) => Object.keys(proofs).length <= PROOFS_MAX, { error: 'too many proofs' })
    .exactOptional(),
  key_histories: z.array(Jws).max(PARTS_MAX).exactOptional(),
  /** Of a code under another root than the pinned one (W9, W10). */
  recognition: z
    .strictObject({
      /** The pinned root's recognition list. */
      list: Jws.exactOptional(),
      /** The agreement that the list's entry names, a General JWS. */
      agreement: z.json().exactOptional(),
      /** All events of it, each issuer's from the first. */
      events: z.array(Jws).max(AGREEMENT_EVENTS_MAX).exactOptional(),
      /** Key sets of the pinned root, oldest first, and of parties of whom nothing stands in the list. */
      root_keys: z.array(RootKeySetJwsSchema).max(KEY_SETS_MAX).exactOptional(),
    })
    .exactOptional(),
})
export type EvidenceBundle = z.infer<typeof EvidenceBundle>
/** A bundle as written: parts may be left out. */
export type EvidenceBundleInput = z.input<typeof EvidenceBundle>

/** Number and hash of a key set that was met once, verified from the pinned one on. */
export interface SeenKeySet {
  readonly seq: number
  readonly hash: string
}

/** What a verifier was given beforehand, by a way it trusts: one key set of the root (W1). */
export interface PinnedAnchor {
  readonly rootKeys: RootKeySetJws
  /** The newest set that was ever met: evidence that ends before it is a rollback, and is refused. */
  readonly seen?: SeenKeySet | undefined
}
