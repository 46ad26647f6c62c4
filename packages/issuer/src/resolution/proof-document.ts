import type { CacheableDocument } from '@arc3088/service'

/** A proof stays true; a newer one against a newer checkpoint says no more. */
const PROOF_MAX_AGE_SECONDS = 86_400

// Typed as any text, or the route would ask for Hono's own text response, which has no cache headers.
export const PROOF_MEDIA_TYPE: string = 'text/plain; charset=utf-8'

/** A log proof as it is served, whichever way it was asked for. */
export function proofDocument(proof: string): CacheableDocument {
  return { body: proof, mediaType: PROOF_MEDIA_TYPE, maxAgeSeconds: PROOF_MAX_AGE_SECONDS }
}
