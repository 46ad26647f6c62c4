import { RegistryError } from '@arc3088/problems'
import type { z } from '@hono/zod-openapi'

/** The hook of every router: a request that its schema refuses becomes `request-invalid`, naming each field. */
export function refuseInvalidRequest(
  result: { success: true } | { success: false; error: z.ZodError; target: string },
): undefined {
  if (result.success) return undefined
  const errors = result.error.issues.map((issue) => ({
    in: result.target,
    field: issue.path.join('.'),
    message: issue.message,
  }))
  const first = errors[0]
  const where = first === undefined || first.field === '' ? result.target : `${first.in}.${first.field}`
  throw new RegistryError('request-invalid', `${where}: ${first?.message ?? 'is not valid'}`, {
    extra: { errors },
  })
}
