import { RegistryError } from '@arc3088/problems'

import type { RootDeps } from '../deps.ts'
import type { ProviderLife } from '../providers/provider-life.ts'
import type { StatementCache } from './statement-cache.ts'
import { decodeStatementClaims } from './statement-claims.ts'

/** What a page of the extended listing is asked for. */
export interface ListingPage {
  readonly fromEntityId: string | undefined
  readonly limit: number
  /** NumericDate, both ends included. */
  readonly updatedAfter: number | undefined
  readonly updatedBefore: number | undefined
  readonly withTimestamps: boolean
  /** Members of each entity: `subordinate_statement`, or claims of that statement. */
  readonly claims: readonly string[]
}

/** An entity of the listing, with what was asked for of it. */
export type ListedEntity = { readonly id: string } & Readonly<Record<string, unknown>>

/** The whole statement, as a member of the extended listing. */
const STATEMENT = 'subordinate_statement'

/**
 * A page of the providers that are proved, by the entity that each code was given to, in the order of codes; and where the
 * next page begins.
 *
 * @throws RegistryError `entity-not-listed` for a beginning that is not there.
 */
export async function listSubordinates(
  deps: RootDeps,
  statements: StatementCache,
  page: ListingPage,
): Promise<{ entities: ListedEntity[]; next: string | undefined }> {
  const lives = await deps.lives.all()
  const start = page.fromEntityId === undefined ? 0 : placeOf(lives, page.fromEntityId)
  const found = lives.slice(start).filter((life) => isWithin(life, page))
  const entities: ListedEntity[] = []
  for (const life of found.slice(0, page.limit)) entities.push(await describe(life, statements, page))
  return { entities, next: found[page.limit]?.foundedAs }
}

function placeOf(lives: readonly ProviderLife[], entityId: string): number {
  const place = lives.findIndex(({ foundedAs }) => foundedAs === entityId)
  if (place < 0) throw new RegistryError('entity-not-listed', `${entityId} is no entity of this listing`)
  return place
}

function isWithin({ head }: ProviderLife, { updatedAfter = 0, updatedBefore }: ListingPage): boolean {
  return head.at >= updatedAfter && (updatedBefore === undefined || head.at <= updatedBefore)
}

async function describe(
  { foundedAs, assignedAt, head, state, stateSince }: ProviderLife,
  statements: StatementCache,
  { withTimestamps, claims }: ListingPage,
): Promise<ListedEntity> {
  const times = {
    registered: assignedAt,
    updated: head.at,
    ...(state === 'active' ? {} : { revoked: stateSince }),
  }
  return {
    id: foundedAs,
    ...(claims.length === 0 ? {} : await claimsOf(foundedAs, statements, claims)),
    ...(withTimestamps ? times : {}),
  }
}

async function claimsOf(
  entityId: string,
  statements: StatementCache,
  wanted: readonly string[],
): Promise<Record<string, unknown>> {
  const statement = await statements.about(entityId)
  if (statement === undefined) return {}
  const told: readonly (readonly [string, unknown])[] = [
    [STATEMENT, statement],
    ...Object.entries(decodeStatementClaims(statement)),
  ]
  return Object.fromEntries(told.filter(([name]) => wanted.includes(name)))
}
