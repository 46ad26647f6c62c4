import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  limitRate,
  problems,
  PUBLIC,
  type RateLimit,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { OperatorDesk } from './operator-desk.ts'
import { endSession } from './revoke-token.ts'
import { giveChallenge, startSession } from './start-session.ts'
import { SESSION_IDLE_SECONDS_MAX } from './token.ts'
import { NO_STORE, TokenId } from '../http/token-view.ts'

/** How often one network address may ask for a challenge, and how often it may answer one: doors without a credential. */
export const SESSION_RATE: RateLimit = { name: 'desk-sessions', requests: 600, perSeconds: 3600 }

const START_PATH = '/v1/desk/sessions'
const CHALLENGE_PATH = '/v1/desk/sessions/challenges'
const PROOF_LENGTH_MAX = 4096

const challengeRoute = createRoute({
  method: 'post',
  path: CHALLENGE_PATH,
  summary: 'Ask for a challenge, to begin a session with one’s own key',
  ...PUBLIC,
  responses: {
    201: {
      description: 'To be signed within two minutes, once',
      content: {
        'application/json': {
          schema: z
            .object({ nonce: z.string(), aud: z.string(), expires_at: z.iso.datetime() })
            .openapi('SessionChallenge'),
        },
      },
    },
    ...problems('body-too-large', 'rate-limited', 'internal', 'node-read-only'),
  },
})

const startRoute = createRoute({
  method: 'post',
  path: START_PATH,
  summary: 'Begin a session, by a proof that one holds one’s own key; its token is shown this once',
  ...PUBLIC,
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({
              proof: z.string().min(1).max(PROOF_LENGTH_MAX).openapi({
                description: 'compact JWS, typ `agent-code-session-proof+jwt`: {aud, nonce, iat, exp}',
              }),
            })
            .openapi('SessionProof'),
        },
      },
    },
  },
  responses: {
    201: {
      description: 'Begun',
      content: {
        'application/json': {
          schema: z
            .object({
              id: TokenId,
              token: z.string(),
              operator: z.uuid(),
              expires_at: z.iso.datetime(),
              idle_seconds: z.int(),
            })
            .openapi('Session'),
        },
      },
    },
    ...problems(
      'request-invalid',
      'session-proof-invalid',
      'body-too-large',
      'rate-limited',
      'internal',
      'decision-unproven',
      'node-read-only',
    ),
  },
})

const endRoute = createRoute({
  method: 'delete',
  path: '/v1/desk/sessions/current',
  summary: 'End the session that the request comes with',
  ...guard('desk:self'),
  responses: {
    204: { description: 'Ended' },
    ...problems(...COMMON_PROBLEMS, 'token-not-found', 'node-read-only'),
  },
})

/** Sessions, begun by a key that never leaves its holder. */
export function deskSessionRoutes(desk: () => OperatorDesk): OpenAPIHono<ServiceEnv> {
  const routes = createRoutes()
  // Each door counts by itself, so that challenges nobody answers do not shut the other.
  for (const path of [CHALLENGE_PATH, START_PATH])
    routes.on(
      'POST',
      path,
      limitRate(() => SESSION_RATE),
    )
  return routes
    .openapi(challengeRoute, async (c) => {
      const { nonce, expiresAt } = await giveChallenge(desk())
      const challenge = { nonce, aud: desk().entityId, expires_at: expiresAt.toISOString() }
      return c.json(challenge, 201, NO_STORE)
    })
    .openapi(startRoute, async (c) => {
      const { expiresAt, ...session } = await startSession(desk(), c.req.valid('json').proof)
      const ends = { expires_at: expiresAt.toISOString(), idle_seconds: SESSION_IDLE_SECONDS_MAX }
      return c.json({ ...session, ...ends }, 201, NO_STORE)
    })
    .openapi(endRoute, async (c) => {
      await endSession(desk(), c.get('principal'))
      return c.body(null, 204)
    })
}
