import type { RootPrefix } from '@arc3088/codec'
import type { DecisionBook } from '@arc3088/issuer'
import {
  DIRECTORY_LIFETIME_SECONDS,
  DIRECTORY_TTL_SECONDS,
  signDirectoryPage,
  type CompactJws,
  type KeyRing,
} from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import { directoryEntryOf, firstDirectory, isShown, nextDirectory, type Directory } from './directory.ts'
import { kindOfAct } from './entry-cause.ts'
import type { ProviderLife, Transition } from './provider-life.ts'
import type { ProviderLives } from './provider-lives.ts'

/** The directory of all providers, always as verified acts made it. */
export interface DirectoryBook {
  /** The directory now; a transaction that has written nothing yet gives itself as the source. */
  standing(source?: Kysely<RootTables>): Promise<Directory>
  /** One signed page, the same bytes for a while; undefined where there is none of that number. */
  page(number: number): Promise<CompactJws | undefined>
}

/** A page is signed anew after half its life. */
const REUSED_SECONDS = DIRECTORY_LIFETIME_SECONDS / 2

interface Step {
  readonly life: ProviderLife
  readonly transition: Transition
}

interface Standing {
  readonly directory: Directory
  /** How many steps made it. */
  readonly steps: number
}

interface KeptPage {
  readonly hash: string
  readonly kid: string
  readonly iat: number
  readonly jws: Promise<CompactJws>
}

/**
 * Builds the directory as a fold over the steps of all lives, in the order in which they were decided: no row of the
 * database can add to it, take from it, or bring an older one back, and every process gives it the same number.
 */
export function createDirectoryBook(parts: {
  lives: Pick<ProviderLives, 'all'>
  decisions: Pick<DecisionBook, 'verified'>
  prefix: RootPrefix
  entityId: string
  ambient: Ambient
  keys: Pick<KeyRing, 'active'>
}): DirectoryBook {
  const { lives, decisions, prefix, entityId, ambient, keys } = parts
  let known: Standing | undefined
  const kept = new Map<number, KeptPage>()

  async function readOn(from: Standing, source?: Kysely<RootTables>): Promise<Standing> {
    // Lives first: a decision that is read later than the life it made cannot be missing.
    const all = await lives.all(source)
    const steps = all.flatMap((life) =>
      life.transitions.filter(isShown).map((transition) => ({ life, transition })),
    )
    if (steps.length <= from.steps) return from
    const places = await placesOfDecisions(decisions)
    const ordered = steps.toSorted((a, b) => placeOf(a, places) - placeOf(b, places))
    let { directory } = from
    for (const { life, transition } of ordered.slice(from.steps))
      directory = await nextDirectory(directory, directoryEntryOf(prefix, life, transition))
    return { directory, steps: steps.length }
  }

  /** Readings do not wait for each other: one that a transaction needs must not stand behind one that has no connection. */
  async function standing(source?: Kysely<RootTables>): Promise<Directory> {
    const from = known ?? { directory: await firstDirectory(), steps: 0 }
    const read = await readOn(from, source)
    if (known === undefined || known.steps < read.steps) known = read
    return read.directory
  }

  return {
    standing,
    async page(number) {
      const { pages, seq, prev, digest, hash } = await standing()
      const entries = pages[number - 1]
      if (entries === undefined) return undefined
      const signer = keys.active('federation')
      const iat = numericDate(ambient.now())
      const earlier = kept.get(number)
      const isUsable = earlier?.hash === hash && earlier.kid === signer.kid && earlier.iat <= iat
      if (isUsable && iat < earlier.iat + REUSED_SECONDS) return await earlier.jws
      const jws = signDirectoryPage(signer, {
        iss: entityId,
        iat,
        exp: iat + DIRECTORY_LIFETIME_SECONDS,
        ttl: DIRECTORY_TTL_SECONDS,
        seq,
        prev,
        pages: pages.length,
        page: number,
        digest,
        entries: [...entries],
      })
      kept.set(number, { hash, kid: signer.kid, iat, jws })
      // What could not be signed is not kept: the next who asks tries again.
      jws.catch(() => kept.delete(number))
      return await jws
    },
  }
}

/** Where each decision stands in the order in which they were carried out. */
async function placesOfDecisions(decisions: Pick<DecisionBook, 'verified'>): Promise<Map<string, number>> {
  const acts = ['assign', 'suspend', 'resume', 'retire'] as const
  const decided = await decisions.verified(acts.map(kindOfAct))
  return new Map(decided.map(({ hash }, place) => [hash, place]))
}

/** Providers that were adopted come before every decision, by code. */
function placeOf({ life, transition: { decision } }: Step, places: ReadonlyMap<string, number>): number {
  const place = decision === undefined ? undefined : places.get(decision)
  return place ?? life.code - Number.MAX_SAFE_INTEGER
}
