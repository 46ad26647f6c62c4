import { diagnose } from '@arc3088/codec'
import { createRoutes, problems, PUBLIC, sendCacheable, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { DIAGNOSED_LENGTH_MAX } from '../limits.ts'

/** A diagnosis depends on the text and this version alone. */
const DIAGNOSIS_MAX_AGE_SECONDS = 3600

const Explanation = z.object({ zh: z.string(), en: z.string() }).openapi('Explanation')
const Verdict = z.enum(['valid', 'invalid', 'undecided'])
const DiagnosisProblem = z
  .object({
    reason: z.string(),
    severity: z.enum(['error', 'open', 'note']),
    segment: z.string(),
    offset: z.int(),
    clause: z.string(),
    explain: Explanation,
  })
  .openapi('DiagnosisProblem')

const Diagnosis = z
  .object({
    input: z.string(),
    dialect: z.string().openapi({ description: 'the one dialect, or `ambiguous`' }),
    ambiguous: z.boolean(),
    accepted: z.boolean().openapi({ description: 'whether the strict reader takes the input as it stands' }),
    verdict: Verdict,
    readings: z.array(
      z.object({
        dialect: z.string(),
        text: z.string(),
        verdict: Verdict,
        segments: z.array(
          z.object({
            segment: z.string(),
            text: z.string(),
            offset: z.int(),
            clause: z.string(),
            explain: Explanation,
          }),
        ),
        problems: z.array(DiagnosisProblem),
        code: z.string().nullable(),
        changes: z.array(z.string()),
      }),
    ),
    problems: z.array(DiagnosisProblem),
    suggestion: z.string().nullable().openapi({ description: 'the code that was likely meant' }),
    changes: z.array(z.string()),
  })
  .openapi('Diagnosis')

const diagnoseRoute = createRoute({
  method: 'get',
  path: '/v1/diagnose',
  summary:
    'The code clinic: what a text is, segment by segment, what is wrong with it, and what was likely meant',
  ...PUBLIC,
  request: { query: z.strictObject({ code: z.string().max(DIAGNOSED_LENGTH_MAX) }) },
  responses: {
    200: { description: 'The diagnosis', content: { 'application/json': { schema: Diagnosis } } },
    ...problems('request-invalid', 'internal'),
  },
})

/** `GET /v1/diagnose?code=`. Nothing is looked up: the text is all that is judged. */
export function diagnosisRoutes(): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(diagnoseRoute, (c) => {
    return sendCacheable(c, {
      body: JSON.stringify(diagnose(c.req.valid('query').code)),
      mediaType: 'application/json',
      maxAgeSeconds: DIAGNOSIS_MAX_AGE_SECONDS,
    }) as never
  })
}
