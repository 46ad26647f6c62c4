import { CodeSyntaxError } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'

/** Reads a segment that a caller chose; a malformed one is `code-malformed` with its reason and clause. */
export function readWish<Number extends number>(
  parse: (text: string) => Number,
  text: string | null | undefined,
): Number | undefined {
  if (text === null || text === undefined) return undefined
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof CodeSyntaxError)) throw error
    const { reason, segment, offset, clause } = error.malformation
    throw new RegistryError(
      'code-malformed',
      `${segment}: ${reason} at offset ${offset} (GB/Z 185.2 ${clause})`,
      {
        extra: { reason, segment, offset, clause },
      },
    )
  }
}
