import { MEDIA_TYPE } from '@arc3088/records'
import { cacheableHeaders, type ExpressRoute } from '@arc3088/service'
import { LRUCache } from 'lru-cache'

import type { SignStatusList } from '../status/status-lists.ts'
import { frameOf, innerOf, isFrameOf, type BundleFrame } from './bundle-frame.ts'
import type { EvidenceAbove } from './collect-evidence.ts'
import { oncePerTurn } from './once-per-turn.ts'
import type { RecordPart, RecordParts } from './record-parts.ts'

const PREFIX = '/v1/codes/'
const CODE = /^[0-9A-Za-z.]{1,300}$/
/** What asks for the bundle and for nothing else. */
const ACCEPTED: ReadonlySet<string | undefined> = new Set([undefined, '*/*', MEDIA_TYPE.evidenceBundle])
/** Each is as long as the records, proofs and status lists of what stands above a code. */
const FRAMES_BYTES_MAX = 64 * 1024 * 1024
const BODIES_BYTES_MAX = 64 * 1024 * 1024

/** What the route asks of the node. */
export interface BundleDoor {
  readonly parts: RecordParts
  readonly signStatusList: SignStatusList
  /** The same object as long as it says the same. */
  above(): Promise<EvidenceAbove>
}

interface NumberedFrame extends BundleFrame {
  readonly number: number
}

/** What a bundle says of its code alone. */
interface Inner {
  readonly record: Buffer
  readonly proof: Buffer
}

/**
 * The inner of a bundle, and the headers that it had in the frame that it was in last. Part and frame are known by their
 * numbers: were they held, they would outlive the memory that they have a bound in.
 */
interface Body extends Inner {
  readonly part: number
  readonly frame: number
  readonly headers: Readonly<Record<string, string>>
}

/**
 * `GET /v1/codes/{code}` on the express lane, for the evidence bundle: put together from parts in memory, of which only
 * what changes is asked for anew. What is not proven yet, or needs a live answer, goes the long way.
 */
export function expressBundle({ parts, signStatusList, above }: BundleDoor): ExpressRoute {
  let framesMade = 0
  const frames = new LRUCache<string, NumberedFrame>({
    maxSize: FRAMES_BYTES_MAX,
    // As bytes that are sent, and as the texts that they were made of.
    sizeCalculation: ({ beforeRecord, beforeProof, end }, key) =>
      3 * (beforeRecord.length + beforeProof.length + end.length) + key.length + 1024,
  })
  const bodies = new LRUCache<string, Body>({
    maxSize: BODIES_BYTES_MAX,
    sizeCalculation: ({ record, proof }, text) => record.length + proof.length + text.length + 1024,
  })

  /** A code and all above it that this node assigned, from `text` up, as parts top-down; undefined where one is not to be had. */
  async function lineage(text: string | undefined): Promise<RecordPart[] | undefined> {
    const path: RecordPart[] = []
    for (let next = text; next !== undefined;) {
      const part: RecordPart | undefined = await parts.find(next)
      if (part === undefined) return undefined
      path.unshift(part)
      next = part.parent
    }
    return path
  }

  async function frameBelow({ parent, list }: RecordPart): Promise<NumberedFrame | undefined> {
    const ancestors = await lineage(parent)
    if (ancestors === undefined) return undefined
    const lists = new Set([...ancestors.map((part) => part.list), list])
    const tokens = await Promise.all([...lists].map((each) => signStatusList(each)))
    if (!tokens.every((token) => token !== undefined)) return undefined
    const made = { above: await above(), ancestors, tokens }
    const key = `${parent} ${list}`
    const known = frames.get(key)
    if (known !== undefined && isFrameOf(known, made)) return known
    const frame = { ...frameOf(made), number: (framesMade += 1) }
    frames.set(key, frame)
    return frame
  }

  // What changes is asked for anew in every turn, once for all siblings that are asked for in it.
  const frameNow = oncePerTurn(({ parent, list }: RecordPart) => `${parent} ${list}`, frameBelow)

  return {
    method: 'GET',
    prefix: PREFIX,
    async answer({ target, headers }) {
      const text = target.slice(PREFIX.length)
      if (!ACCEPTED.has(headers.accept) || headers['if-none-match'] !== undefined || !CODE.test(text))
        return undefined
      const found = parts.find(text)
      const part = found instanceof Promise ? await found : found
      if (part === undefined) return undefined
      const frame = await frameNow(part)
      if (frame === undefined) return undefined
      const known = bodies.get(text)
      const body = known?.part === part.number && known.frame === frame.number ? known : bodyOf(part, frame)
      if (body !== known) bodies.set(text, body)
      return { status: 200, headers: body.headers, body: piecesOf(frame, body) }
    },
  }
}

function bodyOf(part: RecordPart, frame: NumberedFrame): Body {
  const inner = innerOf(part)
  const whole = Buffer.concat(piecesOf(frame, inner))
  return { ...inner, part: part.number, frame: frame.number, headers: headersOf(whole) }
}

function piecesOf(frame: BundleFrame, { record, proof }: Inner): readonly Buffer[] {
  return [frame.beforeRecord, record, frame.beforeProof, proof, frame.end]
}

function headersOf(body: Buffer): Record<string, string> {
  const mediaType = MEDIA_TYPE.evidenceBundle
  return {
    ...cacheableHeaders({ body, mediaType, maxAgeSeconds: 0, vary: 'accept' }),
    'content-type': mediaType,
  }
}
