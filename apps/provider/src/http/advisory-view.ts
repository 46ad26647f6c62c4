import { ADVISORY_KINDS, ADVISORY_SEVERITIES, ADVISORY_STATES } from '@arc3088/records'
import { z } from '@hono/zod-openapi'

import type { OwnAdvisory } from '../advisories/read-advisories.ts'

const Text = z.object({ zh: z.string(), en: z.string() })

/** An advisory of the root that concerns this provider. */
export const OwnAdvisoryView = z
  .object({
    id: z.string(),
    version: z.number().int(),
    hash: z.string(),
    state: z.enum(ADVISORY_STATES),
    kind: z.enum(ADVISORY_KINDS),
    severity: z.enum(ADVISORY_SEVERITIES),
    title: Text,
    summary: Text,
    codes: z
      .array(z.string())
      .openapi({ description: 'the codes and prefixes of this provider that it names' }),
    published_at: z.iso.datetime(),
    uri: z.url().openapi({ description: 'the signed advisory, at the root' }),
  })
  .openapi('OwnAdvisory')

/** The same at the desk: what is asked of it, and what was answered. */
export const DeskAdvisoryView = OwnAdvisoryView.extend({
  asked: z.enum(['recall', 'acknowledge', 'nothing']).openapi({
    description:
      'an order to recall asks the desk to recall the codes itself; nobody else does it for the provider',
  }),
  acknowledge_by: z.iso.datetime().nullable(),
  acknowledgement: z
    .object({
      operator: z.string(),
      reason: z.string(),
      at: z.iso.datetime(),
      root: z.enum(['waiting', 'taken', 'overtaken']),
    })
    .nullable(),
}).openapi('DeskAdvisory')

/** An advisory as everybody sees it. */
export function viewOwnAdvisory(
  { claims, stored, codes }: OwnAdvisory,
  rootUrl: string,
): z.infer<typeof OwnAdvisoryView> {
  const { sub, version, state, kind, severity, title, summary, iat } = claims
  return {
    id: sub,
    version,
    hash: stored.hash,
    state,
    kind,
    severity,
    title,
    summary,
    codes: [...codes],
    published_at: new Date(iat * 1000).toISOString(),
    uri: `${rootUrl}/v1/advisories/${stored.advisory}`,
  }
}

/** An advisory as the desk sees it. */
export function viewDeskAdvisory(own: OwnAdvisory, rootUrl: string): z.infer<typeof DeskAdvisoryView> {
  const { claims, acknowledgement } = own
  const by = claims.acknowledge_by
  return {
    ...viewOwnAdvisory(own, rootUrl),
    asked: askedOf(own),
    acknowledge_by: by === undefined ? null : new Date(by * 1000).toISOString(),
    acknowledgement:
      acknowledgement === undefined
        ? null
        : {
            operator: acknowledgement.operator,
            reason: acknowledgement.reason,
            at: acknowledgement.at.toISOString(),
            root: acknowledgement.answer ?? 'waiting',
          },
  }
}

function askedOf({ claims, acknowledgement }: OwnAdvisory): 'recall' | 'acknowledge' | 'nothing' {
  if (claims.state === 'withdrawn') return 'nothing'
  if (claims.kind === 'recall-order') return 'recall'
  return acknowledgement === undefined ? 'acknowledge' : 'nothing'
}
