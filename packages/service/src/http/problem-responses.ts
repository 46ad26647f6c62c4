import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemCode } from '@arc3088/problems'
import { z } from '@hono/zod-openapi'

const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]

/** RFC 9457, as every error of every JSON route is said. */
export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    title_zh: z.string(),
    status: z.number().int(),
    code: z.enum(PROBLEM_CODES),
    instance: z.string(),
    detail: z.string().optional(),
  })
  .openapi('Problem')

/** The `responses` entries for the refusals that a route can give; several codes may share a status. */
export function problems(...codes: readonly ProblemCode[]) {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of codes)
    byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code])
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      { description: names.join(', '), content: { [PROBLEM_MEDIA_TYPE]: { schema: Problem } } },
    ]),
  )
}

/** Refusals that any route with a credential and a body can give. */
export const COMMON_PROBLEMS = [
  'request-invalid',
  'unauthenticated',
  'forbidden',
  'body-too-large',
  'internal',
] as const satisfies readonly ProblemCode[]
