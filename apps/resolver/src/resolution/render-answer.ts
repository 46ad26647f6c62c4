import {
  describeResolution,
  describeWithEvidence,
  type Detail,
  type RegistryClient,
  type Resolution,
} from '@arc3088/client'

/** Details whose text is small enough to be kept; evidence holds whole status lists. */
export type KeptDetail = Exclude<Detail, 'bundle'>

/** A resolution never changes once made and is handed out many times, so its text is made once a detail. */
const rendered = new WeakMap<Resolution, Map<KeptDetail, string>>()

/** The answer as JSON text. */
export function renderAnswer(resolution: Resolution, detail: KeptDetail): string {
  const known = rendered.get(resolution) ?? new Map<KeptDetail, string>()
  rendered.set(resolution, known)
  const text = known.get(detail) ?? JSON.stringify(describeResolution(resolution, detail))
  known.set(detail, text)
  return text
}

/** Resolves one code in the detail asked for, now or as of an instant in seconds. */
export async function answerCode(
  client: RegistryClient,
  code: string,
  { detail, at }: { detail: Detail; at?: number | undefined },
): Promise<{ resolution: Resolution; body: string }> {
  const asked = at === undefined ? {} : { at }
  if (detail === 'bundle') {
    const resolution = await client.assess(code, asked)
    return { resolution, body: JSON.stringify(describeWithEvidence(resolution)) }
  }
  const resolution = await client.lookUp(code, asked)
  return { resolution, body: renderAnswer(resolution, detail) }
}

/** Whole seconds for which others may keep an answer: never past the ttl or expiry of anything it rests on. */
export function answerMaxAgeSeconds({ freshUntil }: Resolution, now: Date): number {
  return Math.max(0, Math.floor((freshUntil - now.getTime()) / 1000))
}
