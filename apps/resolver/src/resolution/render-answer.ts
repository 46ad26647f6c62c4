import {
  describeResolution,
  describeWithEvidence,
  type Asked,
  type Detail,
  type RegistryClient,
  type Resolution,
} from '@arc3088/client'
import { etagOf } from '@arc3088/service'

import type { ResolutionPolicy } from '../http/policy.ts'

/** Details whose text is small enough to be kept; evidence holds whole status lists. */
export type KeptDetail = Exclude<Detail, 'bundle'>

/** The text of an answer, and its ETag. */
export interface RenderedAnswer {
  readonly body: string
  readonly etag: string
}

/** A resolution never changes once made and is handed out many times, so its text is made once a detail. */
const rendered = new WeakMap<Resolution, Map<KeptDetail, RenderedAnswer>>()

/** The answer as JSON text. */
export function renderAnswer(resolution: Resolution, detail: KeptDetail): RenderedAnswer {
  const details = rendered.get(resolution) ?? new Map<KeptDetail, RenderedAnswer>()
  rendered.set(resolution, details)
  const known = details.get(detail)
  if (known !== undefined) return known
  const body = JSON.stringify(describeResolution(resolution, detail))
  const made = { body, etag: etagOf(body) }
  details.set(detail, made)
  return made
}

/** What a request asks besides the code. */
export interface Request {
  readonly detail: Detail
  /** The instant asked about, in seconds, where it is past. */
  readonly at?: number | undefined
  readonly policy?: ResolutionPolicy | undefined
}

/** The same for the client. */
export function askedOf({ at, policy }: Pick<Request, 'at' | 'policy'>): Asked {
  return { ...(at === undefined ? {} : { at }), ...policy }
}

/** Resolves one code in the detail asked for, now or as of an instant in seconds. */
export async function answerCode(
  client: RegistryClient,
  code: string,
  { detail, ...request }: Request,
): Promise<{ resolution: Resolution } & RenderedAnswer> {
  const asked = askedOf(request)
  if (detail === 'bundle') {
    const resolution = await client.assess(code, asked)
    const body = JSON.stringify(describeWithEvidence(resolution))
    return { resolution, body, etag: etagOf(body) }
  }
  const resolution = await client.lookUp(code, asked)
  return { resolution, ...renderAnswer(resolution, detail) }
}

/** Whole seconds for which others may keep an answer: never past the ttl or expiry of anything it rests on. */
export function answerMaxAgeSeconds({ freshUntil }: Resolution, now: Date): number {
  return Math.max(0, Math.floor((freshUntil - now.getTime()) / 1000))
}
