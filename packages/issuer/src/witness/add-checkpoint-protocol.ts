import { TREE_SIZE_MAX } from '@arc3088/tlog'

/** Where a node takes checkpoints of others' logs (C2SP tlog-witness, add-checkpoint). */
export const ADD_CHECKPOINT_PATH = '/add-checkpoint'

/** Most bytes of a request: 63 hashes and a note of a few signatures are a sixth of it. */
export const ADD_CHECKPOINT_BYTES_MAX = 64 * 1024

/** The media type of a size that a witness answers with (409). */
export const TREE_SIZE_MEDIA_TYPE = 'text/x.tlog.size'

/** Reads the body of a 409: a size in decimal, and a newline. Undefined for any other spelling. */
export function readTreeSize(text: string): number | undefined {
  const size = /^(?:0|[1-9]\d{0,15})\n$/.test(text) ? Number(text) : undefined
  return size === undefined || size > TREE_SIZE_MAX ? undefined : size
}
