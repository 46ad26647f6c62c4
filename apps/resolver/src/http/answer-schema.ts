import { DETAILS } from '@arc3088/client'
import { ADVISORY_KINDS, ADVISORY_SEVERITIES, ShownOrganization, RECOGNITION_STATES } from '@arc3088/records'
import { VERDICTS } from '@arc3088/trust'
import { z } from '@hono/zod-openapi'

/** How much is told: see `DETAILS` of the client. */
export const DetailParameter = z.enum(DETAILS)

const NumericDate = z.int().openapi({ description: 'seconds since 1970-01-01T00:00:00Z' })
const Level = z.enum(['provider', 'requester', 'ontology', 'instance'])
const StatusName = z.enum(['valid', 'revoked', 'suspended', 'recalled', 'retired', 'superseded'])

const Segments = z
  .object({
    prefix: z.string(),
    version: z.string(),
    provider: z.string(),
    requester: z.string().optional(),
    ontology: z.string().optional(),
    instance: z.string().optional(),
  })
  .openapi('CodeSegments')

const Provider = z
  .object({
    code: z.string(),
    entity_id: z.url(),
    organization: ShownOrganization.nullable(),
    kind: z.enum(['domestic', 'overseas']),
    state: z.enum(['active', 'suspended', 'retired']),
  })
  .openapi('ResolvedProvider')

/** Where a text breaks the rules for codes: the same members as a problem `code-malformed`. */
const MalformationPlace = z
  .object({ reason: z.string(), segment: z.string(), offset: z.int(), clause: z.string() })
  .openapi('Malformation')

/** The agreement under which a code of another root counts here, or does not, and the list that says so. */
const Recognition = z
  .object({
    trust_anchor: z.url(),
    territory: z.string(),
    agreement: z.object({ jti: z.string(), uri: z.url(), hash: z.string() }),
    state: z.enum([...RECOGNITION_STATES, 'countersigned']),
    since: NumericDate,
    list: z.object({
      iss: z.url(),
      seq: z.int(),
      age: z.int().openapi({ description: 'seconds' }),
    }),
  })
  .openapi('ResolvedRecognition')

/** An advisory of the root that touches the code (P-09). */
const Advisory = z
  .object({
    id: z.string(),
    kind: z.enum(ADVISORY_KINDS),
    severity: z.enum(ADVISORY_SEVERITIES),
    title: z.object({ zh: z.string(), en: z.string() }),
    uri: z.url(),
  })
  .openapi('ResolvedAdvisory')

/** Two signed documents of a node that contradict each other. */
const Misconduct = z
  .object({
    kind: z.enum(['negative-contradicted', 'log-forked']),
    answer: z.string(),
    proof: z.string(),
    record: z.string().optional(),
  })
  .openapi('Misconduct')

/** The answer of the resolver, of the SDK and of `arc3088 resolve`: one shape. */
export const ResolvedCodeSchema = z
  .object({
    code: z.string().openapi({ description: 'canonical spelling' }),
    verdict: z.enum(VERDICTS),
    valid_until: NumericDate.nullable().openapi({
      description: 'earliest expiry of what the verdict rests on',
    }),
    reasons: z.array(z.object({ code: z.string(), detail: z.string(), subject: z.string().optional() })),
    level: Level.optional(),
    segments: Segments.optional(),
    provider: Provider.optional(),
    status: StatusName.optional().openapi({ description: 'of the very code asked for' }),
    statuses: z.array(
      z.object({
        of: z.enum(['statement', ...Level.options]),
        subject: z.string(),
        status: StatusName,
        uri: z.url(),
        idx: z.int(),
      }),
    ),
    log: z.enum(['proved', 'pending', 'not-required']).optional().openapi({
      description: 'how the records stand in their transparency logs',
    }),
    recognition: Recognition.optional().openapi({ description: 'of a code of another root' }),
    misconduct: Misconduct.optional(),
    notes: z.array(
      z.enum(['provider-width-disputed', 'nodes-unreachable', 'list-rolled-back', 'advisories-unknown']),
    ),
    advisories: z.array(Advisory).optional().openapi({
      description: 'of the root, that touch the code; absent where nobody can tell',
    }),
    malformation: MalformationPlace.optional(),
    records: z
      .array(
        z.object({
          level: Level,
          sub: z.string(),
          iss: z.url(),
          iat: NumericDate,
          jti: z.uuid(),
          jws: z.string(),
          log: z
            .object({ index: z.int(), size: z.int(), witnessed_at: NumericDate.nullable() })
            .optional()
            .openapi({ description: 'where its log has it, as proved, and when its witnesses saw that' }),
        }),
      )
      .optional()
      .openapi({ description: 'with detail record and bundle' }),
    checks: z
      .array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() }))
      .optional()
      .openapi({ description: 'with detail record and bundle' }),
    evidence: z
      .looseObject({ v: z.literal(1) })
      .optional()
      .openapi({ description: 'with detail bundle: what anybody can verify without a network (W6)' }),
  })
  .openapi('ResolvedCode')
