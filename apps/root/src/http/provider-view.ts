import { formatSegment, type RootPrefix } from '@arc3088/codec'
import { ShownOrganization, OwnLog, PROVIDER_ACTS } from '@arc3088/records'
import { z } from '@hono/zod-openapi'

import type { ProviderLife, Transition } from '../providers/provider-life.ts'
import { prefixOf } from '../providers/provider-lives.ts'

const State = z.enum(['active', 'suspended', 'retired'])

/** A provider as the listing shows it. */
export const ListedProvider = z.object({
  code: z.string(),
  code_prefix: z.string(),
  entity_id: z.url().openapi({ description: 'the entity that is this provider now' }),
  kind: z.enum(['domestic', 'overseas']),
  organization: ShownOrganization,
  state: State,
  state_since: z.iso.datetime(),
  assigned_at: z.iso.datetime(),
})

/** A provider by itself. */
export const ProviderDetail = ListedProvider.extend({
  founded_as: z.url().openapi({ description: 'the entity that the code was given to' }),
  territory: z.string(),
  assignment_hash: z.string(),
  custodian: z.string().nullable().openapi({
    description: 'code of the provider that serves what a retired one left; null where nobody does',
  }),
  predecessors: z.array(z.object({ entity_id: z.url(), from: z.iso.datetime(), until: z.iso.datetime() })),
  federation_kids: z.array(z.string()),
  tlog: OwnLog.nullable(),
}).openapi('ProviderDetail')

/** One step in the life of a provider: no persons, but the decision, which says by which keys it was made. */
export const ProviderStep = z
  .object({
    seq: z.number().int().min(1),
    act: z.enum(PROVIDER_ACTS),
    at: z.iso.datetime(),
    state: State,
    decision: z
      .string()
      .nullable()
      .openapi({ description: 'see `/v1/decisions/{hash}`; null for what a provider signs itself' }),
    entry: z.string().openapi({ description: 'identity of the signed entry' }),
  })
  .openapi('ProviderStep')

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

/** The row of the listing. */
export function listedOf(prefix: RootPrefix, life: ProviderLife): z.infer<typeof ListedProvider> {
  return {
    code: formatSegment(life.code),
    code_prefix: prefixOf(prefix, life.code),
    entity_id: life.entityId,
    kind: life.kind,
    organization: life.organization,
    state: life.state,
    state_since: instant(life.stateSince),
    assigned_at: instant(life.assignedAt),
  }
}

/** All that is public of a provider. */
export function detailOf(prefix: RootPrefix, life: ProviderLife): z.infer<typeof ProviderDetail> {
  return {
    ...listedOf(prefix, life),
    founded_as: life.foundedAs,
    territory: life.territory,
    assignment_hash: life.record.hash,
    custodian: life.custodian === undefined ? null : formatSegment(life.custodian),
    predecessors: life.predecessors.map(({ entity_id, from, until }) => {
      return { entity_id, from: instant(from), until: instant(until) }
    }),
    federation_kids: life.federationKeys.map(({ kid }) => kid),
    tlog: life.log ?? null,
  }
}

/** A step as it is shown. */
export function stepOf({ seq, act, at, state, decision, entry }: Transition): z.infer<typeof ProviderStep> {
  return { seq, act, at: instant(at), state, decision: decision ?? null, entry }
}
