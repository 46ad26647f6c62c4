import {
  ENTITY_CONFIGURATION_LIFETIME_SECONDS,
  MEDIA_TYPE,
  signEntityConfiguration,
  type CompactJws,
  type EntityConfiguration,
  type Signer,
} from '@arc3088/records'
import { createRoutes, numericDate, sendCacheable, type Ambient, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { problems, PUBLIC } from '@arc3088/service'

import { reuseStatement } from './reused-statement.ts'
import { jitterOf } from './jitter.ts'

/** Wire-format W1: how long others may keep a configuration before they ask again. */
const CONFIGURATION_MAX_AGE_SECONDS = 300
/** While no new one can be signed, one that says the same is given out until an hour before its end. */
const CONFIGURATION_USABLE_SECONDS = ENTITY_CONFIGURATION_LIFETIME_SECONDS - 3600

const entityConfigurationRoute = createRoute({
  method: 'get',
  path: '/.well-known/openid-federation',
  summary: 'What this entity says of itself (OpenID Federation 1.0 section 9)',
  ...PUBLIC,
  responses: {
    200: {
      description: 'The entity configuration',
      content: { [MEDIA_TYPE.entityStatement]: { schema: z.string() } },
    },
    ...problems('internal'),
  },
})

/** What a configuration is made of: who signs it, and what it says besides its times. */
export interface SelfDescription {
  readonly ambient: Ambient
  readonly signer: Signer
  readonly entityId: string
  /** Asked each time, so it must be cheap. */
  describe(): Promise<Pick<EntityConfiguration, 'jwks' | 'metadata' | 'authority_hints'>>
}

/**
 * Signs a node's own configuration: at once when it has something else to say (a key that is announced, a witness that
 * joined), else at most once in five minutes. A thousand verifiers that ask at once get one signature.
 */
export function createSelfDescription(self: () => SelfDescription): () => Promise<CompactJws> {
  let kept: { said: string; statement: () => Promise<CompactJws> } | undefined
  return async () => {
    const { ambient, signer, entityId, describe } = self()
    const description = await describe()
    const said = JSON.stringify([signer.kid, description])
    if (kept?.said !== said) {
      const sign = async (): Promise<CompactJws> => {
        const iat = numericDate(ambient.now())
        return await signEntityConfiguration(signer, {
          iss: entityId,
          sub: entityId,
          iat,
          exp: iat + ENTITY_CONFIGURATION_LIFETIME_SECONDS,
          ...description,
        })
      }
      const options = { usableSeconds: CONFIGURATION_USABLE_SECONDS, jitter: jitterOf(ambient) }
      const statement = reuseStatement(() => ambient.now(), CONFIGURATION_MAX_AGE_SECONDS, sign, options)
      kept = { said, statement }
    }
    return await kept.statement()
  }
}

/** `GET /.well-known/openid-federation`. */
export function entityConfigurationRoutes(
  selfDescription: () => Promise<CompactJws>,
): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(entityConfigurationRoute, async (c) => {
    return sendCacheable(c, {
      body: await selfDescription(),
      mediaType: MEDIA_TYPE.entityStatement,
      maxAgeSeconds: CONFIGURATION_MAX_AGE_SECONDS,
    })
  })
}
