import { ADVISORY_KINDS, ADVISORY_SEVERITIES, ADVISORY_STATES, type AdvisoryEntry } from '@arc3088/records'
import { z } from '@hono/zod-openapi'

const Title = z.object({ zh: z.string(), en: z.string() })

/** An entry of the list as JSON shows it. */
export const AdvisoryItem = z
  .object({
    id: z.string().openapi({ example: 'urn:uuid:01990000-0000-7000-8000-000000000001' }),
    version: z.number().int(),
    hash: z.string().openapi({ description: 'base64url SHA-256 of the signing input of this version' }),
    state: z.enum(ADVISORY_STATES),
    kind: z.enum(ADVISORY_KINDS),
    severity: z.enum(ADVISORY_SEVERITIES),
    title: Title,
    affected: z.array(z.string()),
    uri: z.url(),
  })
  .openapi('AdvisoryItem')

/** A page of the list as JSON shows it. */
export const AdvisoryPageView = z
  .object({
    seq: z.number().int(),
    digest: z.string(),
    page: z.number().int(),
    pages: z.number().int(),
    items: z.array(AdvisoryItem),
  })
  .openapi('AdvisoryPage')

/** An advisory at the desk, with how many of those concerned have answered. */
export const AdvisoryStandingView = AdvisoryItem.extend({
  concerned: z.number().int(),
  acknowledged: z.number().int(),
  outstanding: z.number().int(),
}).openapi('AdvisoryStanding')

/** One advisory at the desk, with every provider concerned. */
export const ProviderStandingsView = z
  .object({
    id: z.string(),
    version: z.number().int(),
    hash: z.string(),
    state: z.enum(ADVISORY_STATES),
    kind: z.enum(ADVISORY_KINDS),
    severity: z.enum(ADVISORY_SEVERITIES),
    title: Title,
    summary: Title,
    affected: z.array(z.string()),
    published_at: z.iso.datetime(),
    acknowledge_by: z.iso.datetime().nullable(),
    providers: z.array(
      z.object({
        code: z.string(),
        code_prefix: z.string(),
        entity_id: z.url(),
        name: z.string(),
        state: z.enum(['acknowledged', 'outstanding', 'overdue']),
        since: z.iso.datetime(),
      }),
    ),
  })
  .openapi('AdvisoryAcknowledgements')

/** What a provider is told of its acknowledgement. */
export const AcknowledgementView = z
  .object({
    advisory: z.string(),
    version: z.number().int(),
    provider: z.string(),
    acknowledged_at: z.iso.datetime(),
  })
  .openapi('AdvisoryAcknowledgement')

/** An entry as an item of JSON: without what is only there for the compiler. */
export function viewEntry(entry: AdvisoryEntry & { readonly uri: string }): z.infer<typeof AdvisoryItem> {
  return { ...entry, title: { ...entry.title }, affected: [...entry.affected] }
}
