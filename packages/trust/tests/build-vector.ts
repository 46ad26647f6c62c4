import { encodeBase64url } from '@arc3088/records'

import type { Draft, Json, Signers } from './scenario.ts'
import { createDraft, signDraft } from './scenario.ts'
import type { VectorCase } from './vector-case.ts'
import { BOMB } from './vector-cases.ts'

/** The language-neutral form of one vector. */
export interface EvidenceVector {
  name: string
  says: string
  code: string
  /** The instant to judge at. */
  at: number
  /** The instant asked about, where it is past. */
  as_of?: number
  /** The pinned key set, a General JWS. */
  anchor: Json
  bundle: { [name: string]: Json }
  expect: { verdict: string; reason: string | null }
}

const BOMB_BYTES = 16 * 1024 * 1024

async function deflateZeros(length: number): Promise<string> {
  const stream = new Blob([new Uint8Array(length)]).stream().pipeThrough(new CompressionStream('deflate'))
  return encodeBase64url(new Uint8Array(await new Response(stream).arrayBuffer()))
}

/** A world whose live answer brings the very record that is shown: ES256 signs anew each time. */
async function signAnswered(draft: Draft, signers: Signers): ReturnType<typeof signDraft> {
  const { records = [] } = (await signDraft(draft, signers)).bundle
  if (!Array.isArray(records)) throw new TypeError('a bundle has records')
  Object.assign(draft.resolution?.claims ?? {}, { assignment: records.at(-1) })
  const scenario = await signDraft(draft, signers)
  return { ...scenario, bundle: { ...scenario.bundle, records } }
}

export async function buildVector(vectorCase: VectorCase, signers: Signers): Promise<EvidenceVector> {
  if (vectorCase.name === 'status-bomb') BOMB.lst = await deflateZeros(BOMB_BYTES)
  const draft = createDraft(signers)
  vectorCase.change?.(draft, signers)
  const { name, says, verdict, reason, asOf } = vectorCase
  const { code, at, anchor, bundle } = await (asOf === undefined
    ? signDraft(draft, signers)
    : signAnswered(draft, signers))
  vectorCase.cut?.(bundle)
  const asked = asOf === undefined ? { at } : { at, as_of: asOf }
  return { name, says, code, ...asked, anchor, bundle, expect: { verdict, reason: reason ?? null } }
}
