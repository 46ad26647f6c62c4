import { RegistryError } from '@arc3088/problems'
import { numericDate } from '@arc3088/service'
import { decodeStatementClaims } from './statement-claims.ts'

import type { RootDeps } from '../deps.ts'
import { readProviderByEntity } from '../providers/provider.store.ts'
import { readSubordinates, type Subordinate } from './subordinate.store.ts'
import type { StatementCache } from './statement-cache.ts'

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
 * A page of everything this root makes statements about, in the order of codes, and where the next one begins.
 *
 * @throws RegistryError `entity-not-listed` for a beginning that is not there.
 */
export async function listSubordinates(
  deps: RootDeps,
  statements: StatementCache,
  page: ListingPage,
): Promise<{ entities: ListedEntity[]; next: string | undefined }> {
  const found = await readSubordinates(deps.node.db, {
    fromCode: await codeOf(deps, page.fromEntityId),
    updatedAfter: dateOf(page.updatedAfter),
    // Instants are kept finer than seconds: all of the last one belongs to it.
    updatedBefore: dateOf(page.updatedBefore === undefined ? undefined : page.updatedBefore + 1),
    limit: page.limit + 1,
  })
  const entities: ListedEntity[] = []
  for (const subordinate of found.slice(0, page.limit))
    entities.push(await describe(subordinate, statements, page))
  return { entities, next: found[page.limit]?.entityId }
}

async function codeOf({ node }: RootDeps, entityId: string | undefined): Promise<number> {
  if (entityId === undefined) return 0
  const provider = await readProviderByEntity(node.db, entityId)
  if (provider === undefined)
    throw new RegistryError('entity-not-listed', `${entityId} is no entity of this listing`)
  return provider.code
}

function dateOf(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000)
}

async function describe(
  { entityId, registeredAt, updatedAt, revokedAt }: Subordinate,
  statements: StatementCache,
  { withTimestamps, claims }: ListingPage,
): Promise<ListedEntity> {
  const times = {
    registered: numericDate(registeredAt),
    updated: numericDate(updatedAt),
    ...(revokedAt === null ? {} : { revoked: numericDate(revokedAt) }),
  }
  return {
    id: entityId,
    ...(claims.length === 0 ? {} : await claimsOf(entityId, statements, claims)),
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
