/** A route as an OpenAPI document describes it, with an address that can be asked. */
export interface DescribedRoute {
  readonly method: string
  /** As described, with its parameters. */
  readonly path: string
  /** The path with every parameter filled in. */
  readonly address: string
  /** The action of the authorisation table, or `public`. */
  readonly action: string
}

/**
 * Reads every route of an OpenAPI document. Throws for one without an action, and for one with a parameter that `values`
 * does not know: a walk over the routes must leave out none.
 */
export function describedRoutes(
  document: unknown,
  values: Readonly<Record<string, string>>,
): DescribedRoute[] {
  const paths = membersOf(membersOf(document)['paths'])
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(membersOf(methods)).map(([method, operation]) => {
      const action = membersOf(operation)['x-action']
      if (typeof action !== 'string') throw new TypeError(`${method} ${path} has no action`)
      const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
        const value = Object.hasOwn(values, name) ? values[name] : undefined
        if (value === undefined) throw new TypeError(`${path}: no value for ${name}`)
        return value
      })
      return { method: method.toUpperCase(), path, address, action }
    }),
  )
}

function membersOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError('no OpenAPI document')
  return { ...value }
}
