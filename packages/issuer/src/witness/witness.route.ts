import { RegistryError } from '@arc3088/problems'
import { countClients, createRoutes, PUBLIC, type RateLimit, type ServiceEnv } from '@arc3088/service'
import { decodeNoteText, parseAddCheckpoint } from '@arc3088/tlog'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import {
  ADD_CHECKPOINT_BYTES_MAX,
  ADD_CHECKPOINT_PATH,
  TREE_SIZE_MEDIA_TYPE,
} from './add-checkpoint-protocol.ts'
import { addCheckpoint, type WitnessDoor } from './add-checkpoint.ts'

/** Each costs a proof and a signature; an honest log comes four times a second at most. */
export const CHECKPOINT_RATE: RateLimit = { name: 'checkpoints', requests: 1200, perSeconds: 60 }

const PLAIN_TEXT = 'text/plain; charset=utf-8'

const plain = (description: string, mediaType = PLAIN_TEXT) => ({
  description,
  content: { [mediaType]: { schema: z.string() } },
})

const addCheckpointRoute = createRoute({
  method: 'post',
  path: ADD_CHECKPOINT_PATH,
  summary: 'Witness a checkpoint of a log that this node watches (C2SP tlog-witness, W8)',
  description:
    'The body is `old <size>`, the lines of a consistency proof, an empty line, and a signed checkpoint.',
  ...PUBLIC,
  responses: {
    200: plain('The cosignature line'),
    400: plain('The body is not such a request, or the old size is above the new one'),
    403: plain('No key of the log signed the checkpoint'),
    404: plain('This node witnesses no log of that origin'),
    409: plain('The size of the newest checkpoint cosigned here', TREE_SIZE_MEDIA_TYPE),
    413: plain('The body is too large'),
    429: plain('Too many requests from this network address'),
    422: plain('The consistency proof does not verify'),
    500: plain('The witness failed'),
    503: plain('The witness cannot do this right now'),
  },
})

/**
 * `POST /add-checkpoint`, whose refusals are plain text (see `renderError` of service). A log that was cosigned here is
 * counted by itself, whoever else asks from its address; all other origins count together.
 */
export function witnessRoutes(door: () => WitnessDoor): OpenAPIHono<ServiceEnv> {
  const count = countClients(CHECKPOINT_RATE)
  const cosigned = new Set<string>()
  return createRoutes().openapi(addCheckpointRoute, async (c) => {
    const bytes = new Uint8Array(await c.req.arrayBuffer())
    const text = bytes.length > ADD_CHECKPOINT_BYTES_MAX ? undefined : decodeNoteText(bytes)
    const origin = text === undefined ? '' : originOf(text)
    count(c, cosigned.has(origin) ? origin : '')
    if (bytes.length > ADD_CHECKPOINT_BYTES_MAX) {
      throw new RegistryError('body-too-large', `A body holds at most ${ADD_CHECKPOINT_BYTES_MAX} bytes here`)
    }
    if (text === undefined) throw new RegistryError('checkpoint-malformed', 'The body is not UTF-8')
    const line = await addCheckpoint(door(), text)
    cosigned.add(origin)
    return c.body(line, 200, { 'content-type': PLAIN_TEXT, 'cache-control': 'no-store' })
  })
}

/** The first line of the checkpoint, as far as there is one. */
function originOf(text: string): string {
  return parseAddCheckpoint(text)?.checkpoint.split('\n', 1)[0] ?? ''
}
