import { z } from '@hono/zod-openapi'

const INSTANT_LENGTH_MAX = 40
const SECONDS = /^\d{1,12}$/
const Rfc3339 = z.iso.datetime({ offset: true, precision: 0 })

function readInstant(text: string): number | undefined {
  if (SECONDS.test(text)) return Number(text)
  return Rfc3339.safeParse(text).success ? new Date(text).getTime() / 1000 : undefined
}

/** The query member `at`, read to whole seconds: W5 signs nothing finer. */
export const AskedInstant = z
  .string()
  .max(INSTANT_LENGTH_MAX)
  .transform((text, context) => {
    const seconds = readInstant(text)
    if (seconds !== undefined) return seconds
    context.addIssue({ code: 'custom', message: 'neither RFC 3339 in whole seconds nor seconds since 1970' })
    return z.NEVER
  })
  .openapi({
    type: 'string',
    description: 'the instant to answer for: RFC 3339 in whole seconds, or seconds since 1970; left out, now',
    example: '2026-11-22T09:00:00Z',
  })
