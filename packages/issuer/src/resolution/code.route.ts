import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { MEDIA_TYPE, recordHash } from '@arc3088/records'
import {
  AskedInstant,
  createRoutes,
  negotiate,
  problems,
  PUBLIC,
  sendCacheable,
  type ServiceEnv,
} from '@arc3088/service'
import type { EvidenceBundleInput } from '@arc3088/trust'
import type { Subject } from '@arc3088/codec'

import { recordDocument } from './record-document.ts'
import { answerCode, signLiveAnswer, type CodeAnswer, type CodeAuthority } from './answer-code.ts'

const CODE_LENGTH_MAX = 300

const codeRoute = createRoute({
  method: 'get',
  path: '/v1/codes/{code}',
  summary: 'What this node assigned under a code, by Accept: record, live answer or evidence bundle (W5, W6)',
  ...PUBLIC,
  request: {
    params: z.strictObject({ code: z.string().min(1).max(CODE_LENGTH_MAX) }),
    query: z.object({ at: AskedInstant.optional() }),
  },
  responses: {
    200: {
      description: 'The code was assigned',
      content: {
        [MEDIA_TYPE.evidenceBundle]: { schema: z.looseObject({ v: z.literal(1) }).openapi('EvidenceBundle') },
        [MEDIA_TYPE.assignmentRecord]: { schema: z.string() },
        [MEDIA_TYPE.resolutionAnswer]: { schema: z.string() },
      },
    },
    404: {
      description: 'The code was never assigned (signed), or code-not-mine',
      content: {
        [MEDIA_TYPE.resolutionAnswer]: { schema: z.string() },
        ...problems('code-not-mine')[404]?.content,
      },
    },
    ...problems(
      'request-invalid',
      'at-in-future',
      'record-lost',
      'code-malformed',
      'code-version-unsupported',
      'not-acceptable',
      'awaiting-assignment',
      'internal',
    ),
  },
})

/** What the route asks of the node; throws `awaiting-assignment` while the node has no code of its own. */
export interface CodeDoor {
  authority(): CodeAuthority
  evidence(subject: Subject): Promise<EvidenceBundleInput>
}

const OFFERED = [MEDIA_TYPE.evidenceBundle, MEDIA_TYPE.assignmentRecord, MEDIA_TYPE.resolutionAnswer] as const

/** `GET /v1/codes/{code}`: the resolution of a code at the node that assigned it. */
export function codeRoutes(door: CodeDoor): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(codeRoute, async (c) => {
    const wanted = negotiate(c.req.header('accept'), OFFERED)
    const authority = door.authority()
    const asked = { now: c.get('service').ambient.now(), at: c.req.valid('query').at }
    const answer = await answerCode(authority, c.req.valid('param').code, asked)
    const vary = 'accept'
    if (answer.kind === 'not-assigned' || wanted === MEDIA_TYPE.resolutionAnswer) {
      const body = await signLiveAnswer(authority, answer)
      const status = answer.kind === 'assigned' ? 200 : 404
      return sendCacheable(c, {
        body,
        mediaType: MEDIA_TYPE.resolutionAnswer,
        status,
        maxAgeSeconds: 0,
        vary,
      })
    }
    if (wanted === MEDIA_TYPE.assignmentRecord) return sendRecord(c, answer)
    const body = JSON.stringify(await bundleFor(door, authority, answer))
    return sendCacheable(c, { body, mediaType: MEDIA_TYPE.evidenceBundle, maxAgeSeconds: 0, vary })
  })
}

/**
 * The bundle, with the live answer where it alone can tell: about an instant that is past, and of a record so young that
 * no checkpoint covers it (W8: `pending`, in a live answer only).
 */
async function bundleFor(
  door: CodeDoor,
  authority: CodeAuthority,
  answer: Extract<CodeAnswer, { kind: 'assigned' }>,
): Promise<EvidenceBundleInput> {
  const bundle = await door.evidence(answer.subject)
  const isProven = bundle.tlog_proofs?.[await recordHash(answer.stored.jws)] !== undefined
  if (answer.asked.at === undefined && (authority.log === undefined || isProven)) return bundle
  return { ...bundle, resolution: await signLiveAnswer(authority, answer) }
}

function sendRecord(
  c: Parameters<typeof sendCacheable>[0],
  answer: Extract<CodeAnswer, { kind: 'assigned' }>,
): Response {
  return sendCacheable(c, recordDocument(answer.stored.jws))
}
