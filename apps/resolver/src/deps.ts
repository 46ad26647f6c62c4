import type { RegistryClient } from '@arc3088/client'
import type { Ambient, ClientPolicy, Log, Metrics } from '@arc3088/service'

/** What a resolver is made of. It has no database and no keys: it can be started anywhere, and lost. */
export interface ResolverDeps {
  readonly client: RegistryClient
  readonly ambient: Ambient
  readonly log: Log
  readonly metrics: Metrics
  /** Whose word about clients is believed, and what one of them may read. */
  readonly clients?: ClientPolicy | undefined
}
