import { jitterOf, reuseStatement } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { numericDate } from '@arc3088/service'
import { LRUCache } from 'lru-cache'

import {
  resolveEntity,
  type ResolutionParts,
  type ResolutionQuestion,
  type Resolved,
} from './resolve-entity.ts'

/** A resolution is made anew at most this often: an entity is asked for its configuration no more than that. */
const RESOLUTION_REUSE_SECONDS = 60
/** How long an entity that does not answer is spoken for, at most; no statement is given out past its end. */
const RESOLUTION_USABLE_SECONDS = 3600
/** An entity that cannot be resolved is left alone for so long, however often it is asked about. */
const REFUSAL_SECONDS = 5
const RESOLUTIONS_KEPT_MAX = 1000

/** Resolves for everybody who asks at once, once. */
export type Resolve = (question: ResolutionQuestion) => Promise<Resolved>

/** Keeps the resolutions of this process. */
export function createResolutionCache(parts: () => ResolutionParts): Resolve {
  const resolutions = new LRUCache<string, () => Promise<Resolved>>({ max: RESOLUTIONS_KEPT_MAX })
  const refusals = new LRUCache<string, { error: unknown; until: number }>({ max: RESOLUTIONS_KEPT_MAX })

  function keep(key: string, question: ResolutionQuestion): () => Promise<Resolved> {
    const { ambient } = parts().deps.node
    const read = reuseStatement(
      () => ambient.now(),
      RESOLUTION_REUSE_SECONDS,
      () => resolveEntity(parts(), question),
      { usableSeconds: RESOLUTION_USABLE_SECONDS, jitter: jitterOf(ambient) },
    )
    resolutions.set(key, read)
    return read
  }

  return async (question) => {
    const { ambient } = parts().deps.node
    const key = JSON.stringify([question.sub, question.entityTypes?.toSorted()])
    const at = ambient.now().getTime()
    const refused = refusals.get(key)
    if (refused !== undefined && at < refused.until) throw refused.error
    try {
      const resolved = await (resolutions.get(key) ?? keep(key, question))()
      if (resolved.exp > numericDate(ambient.now())) return resolved
      resolutions.delete(key)
      throw new RegistryError('service-unavailable', `${question.sub} could not be resolved anew in time`)
    } catch (error) {
      refusals.set(key, { error, until: ambient.now().getTime() + REFUSAL_SECONDS * 1000 })
      throw error
    }
  }
}
