import { describeResolution, type Detail, type Resolution } from '@arc3088/client'

/** A resolution never changes once made and is handed out many times, so its text is made once a detail. */
const rendered = new WeakMap<Resolution, Map<Detail, string>>()

/** The answer as JSON text. */
export function renderAnswer(resolution: Resolution, detail: Detail): string {
  const known = rendered.get(resolution) ?? new Map<Detail, string>()
  rendered.set(resolution, known)
  const text = known.get(detail) ?? JSON.stringify(describeResolution(resolution, detail))
  known.set(detail, text)
  return text
}

/** Whole seconds for which others may keep an answer: never past the ttl or expiry of anything it rests on. */
export function answerMaxAgeSeconds({ freshUntil }: Resolution, now: Date): number {
  return Math.max(0, Math.floor((freshUntil - now.getTime()) / 1000))
}
