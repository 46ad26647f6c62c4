import { jcsDigest } from '@arc3088/records'

import type { Capability, Description } from './description.ts'

/**
 * Names the rule by which the core of a description is taken. Another rule needs another name: the digest stands
 * in records for ever, and anybody must be able to compute it again (GB/Z 185.2 6 b).
 */
export const CORE_PROFILE = 'arc3088-core-1'

/** What makes an agent this agent: change it and it is another one, with another ontology serial. */
export interface CoreFields {
  readonly capabilities: readonly Pick<Capability, 'name' | 'decision_authority'>[]
  readonly permissions: readonly string[]
  readonly scenario: Description['scenario']
}

/** Takes the core of a description. Order says nothing, so both lists are sorted by code unit. */
export function coreFieldsOf({ capabilities, permissions, scenario }: Description): CoreFields {
  return {
    capabilities: capabilities
      .map(({ name, decision_authority }) => ({ name, decision_authority }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    permissions: permissions.toSorted(),
    scenario,
  }
}

/** The digest that stands in the record of the ontology (wire-format W3). */
export async function coreDigestOf(description: Description): Promise<`sha-256:${string}`> {
  return await jcsDigest(coreFieldsOf(description))
}
