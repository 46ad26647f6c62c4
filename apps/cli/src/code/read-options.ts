import { CodeSyntaxError, HOME_PREFIX, parseRootPrefix, type RootPrefix } from '@arc3088/codec'

import { UsageError } from '../failure.ts'

/** The option that names other root prefixes; the home prefix is always known. */
export const PREFIX_OPTION = { prefix: { type: 'string', multiple: true } } as const

/** The root prefixes to read by. @throws UsageError */
export function prefixesOf(values: { readonly prefix?: string[] | undefined }): readonly RootPrefix[] {
  try {
    return [HOME_PREFIX, ...(values.prefix ?? []).map((text) => parseRootPrefix(text))]
  } catch (error) {
    if (error instanceof CodeSyntaxError) throw new UsageError(`--prefix: ${error.message}`)
    throw error
  }
}

/** Whether custom serials of another shape are wanted. @throws UsageError for anything but `opaque`. */
export function isOpaqueWanted(value: string | undefined): boolean {
  if (value === undefined) return false
  if (value === 'opaque') return true
  throw new UsageError('--custom-serial: the one other shape is opaque')
}
