import { encodeBase64url } from '@arc3088/records'

import type { Json, Signers } from './scenario.ts'
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

export async function buildVector(vectorCase: VectorCase, signers: Signers): Promise<EvidenceVector> {
  if (vectorCase.name === 'status-bomb') BOMB.lst = await deflateZeros(BOMB_BYTES)
  const draft = createDraft(signers)
  vectorCase.change?.(draft, signers)
  const { code, at, anchor, bundle } = await signDraft(draft, signers)
  vectorCase.cut?.(bundle)
  const { name, says, verdict, reason } = vectorCase
  return { name, says, code, at, anchor, bundle, expect: { verdict, reason: reason ?? null } }
}
