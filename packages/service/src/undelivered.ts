/**
 * For a Proxy that stands where parts will be, in work that only looks at the shape of routes. Any use of it is a
 * programmer's error and says so at once, instead of being `undefined` somewhere later.
 */
export const UNDELIVERED = {
  get(_: unknown, member: string | symbol): never {
    throw new Error(`${String(member)} was used where routes are only described`)
  },
}
