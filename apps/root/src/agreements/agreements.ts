import type { DecisionBook } from '@arc3088/issuer'
import { readRootKeySet, type KeysOfParty, type PublicJwk, type RootKeySetJws } from '@arc3088/records'
import { readAgreementPayload } from '@arc3088/records'
import type { Log } from '@arc3088/service'
import type { Kysely } from 'kysely'

import { decidedSoFar } from '../acts/decided-so-far.ts'
import type { RootTables } from '../db/tables.ts'
import type { ForeignRoots } from '../foreign-roots/foreign-roots.ts'
import { signedHashes, SIGNING_KINDS } from './agreement-decision.ts'
import {
  countStored,
  readStoredAgreement,
  readStoredAgreements,
  type StoredAgreement,
} from './agreement.store.ts'
import { verifyStored, type KnownAgreement } from './known-agreement.ts'

/** What knowing agreements takes. */
export interface AgreementParts {
  readonly db: Kysely<RootTables>
  readonly decisions: Pick<DecisionBook, 'verified'>
  readonly foreignRoots: ForeignRoots
  readonly entityId: string
  /** This root's own key sets. */
  readonly rootKeySets: () => readonly RootKeySetJws[]
  readonly log: Log
}

/** The agreements of this root, as far as they are proved. */
export interface Agreements {
  /** All of them, oldest first, verified once for as long as nothing is added. */
  all(): Promise<readonly KnownAgreement[]>
  /** One as a transaction sees it; `decided` is the hash of terms whose signature is being decided in it. */
  read(db: Kysely<RootTables>, id: string, decided?: string): Promise<KnownAgreement | undefined>
  /** Every federation key that each of these entities has had, this root among them. */
  keysOf(entityIds: readonly string[]): Promise<KeysOfParty>
}

/** Opens the agreements over database, decisions and the book of other roots. */
export function openAgreements(parts: AgreementParts): Agreements {
  const { db, decisions, foreignRoots, entityId, log } = parts
  let kept: { stamp: string; agreements: Promise<readonly KnownAgreement[]> } | undefined
  const complain = (detail: string): void =>
    log.error({ 'agreement.fault': detail }, 'an agreement is not borne out')

  async function keysOf(entityIds: readonly string[]): Promise<KeysOfParty> {
    const keys = new Map<string, readonly PublicJwk[]>([[entityId, ownFederationKeys(parts.rootKeySets())]])
    for (const each of entityIds) {
      if (each !== entityId) keys.set(each, await foreignRoots.everyKey(each))
    }
    return (each) => keys.get(each) ?? []
  }

  async function decidedHashes(): Promise<ReadonlySet<string>> {
    return signedHashes(await decidedSoFar(decisions, SIGNING_KINDS))
  }

  async function verify(
    stored: StoredAgreement,
    hashes: ReadonlySet<string>,
  ): Promise<KnownAgreement | undefined> {
    const read = readAgreementPayload(stored.payload)
    const parties = read.kind === 'rejected' ? [] : read.claims.parties.map((party) => party.entity_id)
    return await verifyStored(stored, {
      ownId: entityId,
      keysOfParty: await keysOf(parties),
      counts: (signer, hash) => signer !== entityId || hashes.has(hash),
      complain,
    })
  }

  async function verifyAll(hashes: ReadonlySet<string>): Promise<readonly KnownAgreement[]> {
    const known: KnownAgreement[] = []
    for (const stored of await readStoredAgreements(db)) {
      const agreement = await verify(stored, hashes)
      if (agreement !== undefined) known.push(agreement)
    }
    return known
  }

  return {
    keysOf,
    async all() {
      const hashes = await decidedHashes()
      const roots = [...(await foreignRoots.all()).values()].map(({ decision }) => decision)
      const stamp = [await countStored(db), hashes.size, parts.rootKeySets().length, ...roots].join(' ')
      if (kept?.stamp !== stamp) {
        const agreements = verifyAll(hashes)
        kept = { stamp, agreements }
        agreements.catch(() => {
          if (kept?.agreements === agreements) kept = undefined
        })
      }
      return await kept.agreements
    },
    async read(source, id, decided) {
      const stored = await readStoredAgreement(source, id)
      if (stored === undefined) return undefined
      const hashes = await decidedHashes()
      return await verify(stored, decided === undefined ? hashes : new Set([...hashes, decided]))
    },
  }
}

function ownFederationKeys(sets: readonly RootKeySetJws[]): readonly PublicJwk[] {
  const byKid = new Map<string, PublicJwk>()
  for (const jws of sets) {
    const read = readRootKeySet(jws)
    if (read.kind === 'read') for (const key of read.claims.keys.federation) byKid.set(key.kid, key)
  }
  return [...byKid.values()]
}
