import { z } from '@hono/zod-openapi'

import { LIST_AGE_SECONDS_MAX } from '../limits.ts'

const POLICY = /^list-max-age=(\d{1,4})$/

/** What the asker holds the evidence to, where it is another measure than the resolver's own; see {@link PolicyParameter}. */
export interface ResolutionPolicy {
  /** Seconds. */
  readonly listMaxAgeSeconds: number
}

/** `?policy=list-max-age=SECONDS`: how old a recognition list may be for a code of another root, else it is `stale`. */
export const PolicyParameter = z
  .string()
  .transform((text, context): ResolutionPolicy => {
    const seconds = Number(POLICY.exec(text)?.[1] ?? Number.NaN)
    if (seconds <= LIST_AGE_SECONDS_MAX) return { listMaxAgeSeconds: seconds }
    context.addIssue({
      code: 'custom',
      message: `not list-max-age=0 to list-max-age=${LIST_AGE_SECONDS_MAX}`,
    })
    return z.NEVER
  })
  .openapi({
    type: 'string',
    description:
      'list-max-age=SECONDS: how old the recognition list may be for a code of another root; older, the verdict is `stale`',
    example: 'list-max-age=120',
  })
