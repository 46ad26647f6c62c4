import { generateEnvironmentTables } from './environment.ts'
import { generateMetricDocument } from './metrics.ts'
import { generateClients, generateOpenApi } from './openapi.ts'

export interface Generator {
  readonly name: string
  /** Globs of which every file must come from this generator. */
  readonly owns: readonly string[]
  /** Path below the repository → its whole text. */
  readonly generate: () => Promise<ReadonlyMap<string, string>>
}

/** In order: a later one may start from what an earlier one makes. */
export const GENERATORS: readonly Generator[] = [
  { name: 'OpenAPI documents', owns: ['docs/openapi/*.json'], generate: generateOpenApi },
  { name: 'environment tables', owns: [], generate: generateEnvironmentTables },
  {
    name: 'figures and alerts',
    owns: ['docs/operations/metrics.md'],
    generate: generateMetricDocument,
  },
  { name: 'typed clients', owns: ['packages/client/src/generated/*.ts'], generate: generateClients },
]
