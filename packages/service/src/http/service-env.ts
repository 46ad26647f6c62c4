import type { Ambient } from '../ambient.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { PermissionTable } from '../permissions.ts'
import type { Authenticate, Principal } from '../principal.ts'
import type { ClientPolicy } from './client-address.ts'

/** What every route of every service can read from its context. */
export interface ServiceEnv {
  Variables: {
    service: ServiceDeps
    principal: Principal
    /** Counts so many more reads of whoever asks, or refuses them; absent where reads have no limit. */
    spendReads?: (count: number) => void
  }
}

/** The parts that the door of a service is made of. */
export interface ServiceDeps {
  readonly ambient: Ambient
  readonly log: Log
  readonly metrics: Metrics
  readonly authenticate: Authenticate
  readonly permissions: PermissionTable
  /** Whose word about clients is believed, and what one of them may read; nobody's and all, where left out. */
  readonly clients?: ClientPolicy | undefined
}
