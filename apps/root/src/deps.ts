import type { RootPrefix } from '@arc3088/codec'
import type { DecisionBook, Issuing, IssuingNode } from '@arc3088/issuer'
import type { RootKeySetJws } from '@arc3088/records'
import type { ClientPolicy, OutboundDoor } from '@arc3088/service'

import type { Agreements } from './agreements/agreements.ts'
import type { RootTables } from './db/tables.ts'
import type { ForeignRoots } from './foreign-roots/foreign-roots.ts'
import type { AuthorityLists } from './lists/authority-lists.ts'
import type { DirectoryBook } from './providers/directory-book.ts'
import type { ProviderLives } from './providers/provider-lives.ts'
import type { Witnessing } from './witness/witnessing.ts'

/** What the use cases of a root are given. */
export interface RootDeps {
  readonly node: IssuingNode<RootTables>
  readonly issuing: Issuing
  readonly prefix: RootPrefix
  readonly territory: string
  readonly organizationName: string
  /** What the officers decided: what this root signs follows from it. */
  readonly decisions: DecisionBook
  /** What verified acts made of each provider: what is signed of one follows from it. */
  readonly lives: ProviderLives
  readonly directory: DirectoryBook
  /** Advisories, certifiers and scenarios, as the officers decided them. */
  readonly lists: AuthorityLists
  /** The other roots that officers pinned, and the agreements with them, as far as they are proved. */
  readonly foreignRoots: ForeignRoots
  readonly agreements: Agreements
  /** The published key sets (W1), oldest first. */
  readonly rootKeySets: readonly RootKeySetJws[]
  readonly door: OutboundDoor
  /** Who witnesses this root's log. */
  readonly witnessing: Witnessing
  /** How often one network address may apply in an hour. */
  readonly applicationsPerHour: number
  /** Whose word about clients is believed, and what one of them may read. */
  readonly clients?: ClientPolicy | undefined
}
