/** The version of this app; the same as its package's. */
export const VERSION = '0.1.0'

/** How the OpenAPI document introduces itself. */
export const RESOLVER_INFO = { title: 'Arc3088 resolver', version: VERSION }
