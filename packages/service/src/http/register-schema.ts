import { z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ServiceEnv } from './service-env.ts'

/**
 * Puts a schema into the OpenAPI document that no route has as its body, such as the line of a stream. It may come from
 * a package that knows nothing of OpenAPI.
 */
export function registerSchema(routes: OpenAPIHono<ServiceEnv>, name: string, schema: z.ZodType): void {
  const { $schema: _, ...described } = z.toJSONSchema(schema)
  // JSON Schema 2020-12 is what OpenAPI 3.1 has for schemas; the types of the library are those of 3.0.
  routes.openAPIRegistry.registerComponent('schemas', name, described as Record<string, unknown>)
}
