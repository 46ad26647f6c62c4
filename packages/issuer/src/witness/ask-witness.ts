import { RegistryError } from '@arc3088/problems'
import { CLOCK_SKEW_SECONDS } from '@arc3088/records'
import { numericDate, type Ambient, type OutboundDoor } from '@arc3088/service'
import {
  COSIGNATURE_ALGORITHM,
  equalBytes,
  formatAddCheckpoint,
  formatSignatureLine,
  parseNote,
  parseSignatureLines,
  parseVkey,
  verifyCosignature,
  type AddCheckpoint,
  type NoteSignature,
  type VerifierKey,
} from '@arc3088/tlog'

import { ADD_CHECKPOINT_PATH, readTreeSize, TREE_SIZE_MEDIA_TYPE } from './add-checkpoint-protocol.ts'

/** A witness as a statement names it: its cosigning key (algorithm 4), and the base below which it takes checkpoints. */
export interface WitnessAddress {
  readonly vkey: string
  /** Ends in a slash; `add-checkpoint` follows it. */
  readonly url: string
}

/** A witness under every key that it is listed with: it is asked once, and signs with any of them. */
export interface Witness extends WitnessAddress {
  readonly otherVkeys?: readonly string[]
}

/** One for each url, in their order: whoever changes its key is listed with both for a while. */
export function onePerUrl(addresses: readonly WitnessAddress[]): Witness[] {
  const byUrl = Map.groupBy(addresses, ({ url }) => url)
  return [...byUrl.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, otherVkeys: others.map(({ vkey }) => vkey) }],
  )
}

/** What a witness said. Only `cosigned` counts, and its line was verified against the checkpoint that was sent. */
export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly line: string; readonly timestamp: number }
  /** The witness knows a checkpoint of another size than the request began at. */
  | { readonly kind: 'conflict'; readonly size: number }
  | { readonly kind: 'refused'; readonly status: number; readonly detail: string }
  | { readonly kind: 'unreachable'; readonly detail: string }

/** Asks one witness for its cosignature. Never throws for what a witness does. */
export type AskWitness = (witness: Witness, request: AddCheckpoint) => Promise<WitnessAnswer>

/** A witness answers one line; a hundred of them fit. */
const ANSWER_BYTES_MAX = 64 * 1024
const DETAIL_LENGTH_MAX = 200

/**
 * Asks witnesses through the outbound door (wire-format W8, C2SP tlog-witness): no redirects, public addresses, size and
 * time bounded. Throws only for a checkpoint that is none, which is a fault of the caller's.
 */
export function createWitnessAsker(door: OutboundDoor, ambient: Pick<Ambient, 'now'>): AskWitness {
  return async (witness, request) => {
    const body = formatAddCheckpoint(request)
    const keys = [witness.vkey, ...(witness.otherVkeys ?? [])]
      .map((vkey) => parseVkey(vkey))
      .filter((each) => each?.algorithm === COSIGNATURE_ALGORITHM)
      .filter((each) => each !== undefined)
    if (keys.length === 0) {
      return { kind: 'unreachable', detail: `${witness.vkey} is not the key of a witness` }
    }
    try {
      const {
        status,
        mediaType,
        body: answer,
      } = await door.fetch({
        url: `${witness.url}${ADD_CHECKPOINT_PATH.slice(1)}`,
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body,
        bytesMax: ANSWER_BYTES_MAX,
      })
      if (status === 200) return await readCosignature(request.checkpoint, answer, keys, ambient.now())
      const size = status === 409 && mediaType === TREE_SIZE_MEDIA_TYPE ? readTreeSize(answer) : undefined
      if (size !== undefined) return { kind: 'conflict', size }
      return { kind: 'refused', status, detail: answer.slice(0, DETAIL_LENGTH_MAX).trim() }
    } catch (error) {
      if (error instanceof RegistryError) return { kind: 'unreachable', detail: error.message }
      throw error
    }
  }
}

/** Of all lines of the answer, the one that a key of the witness made; the rest is nobody's (tlog-witness). */
async function readCosignature(
  checkpoint: string,
  answer: string,
  keys: readonly VerifierKey[],
  now: Date,
): Promise<WitnessAnswer> {
  const refused = (detail: string): WitnessAnswer => ({ kind: 'refused', status: 200, detail })
  const keyOf = (line: NoteSignature) =>
    keys.find(({ name, keyId }) => line.name === name && equalBytes(line.keyId, keyId))
  const own = parseSignatureLines(answer)?.filter((line) => keyOf(line) !== undefined)
  const body = parseNote(checkpoint)?.body
  if (own === undefined || body === undefined) return refused('the answer is not signature lines')
  const [line, ...others] = own
  const key = line === undefined ? undefined : keyOf(line)
  if (line === undefined || key === undefined || others.length > 0)
    return refused(`${own.length} lines are of ${keys[0]?.name}`)
  const cosigned = await verifyCosignature({ body, signatures: [line] }, key)
  if (cosigned === undefined) return refused(`the cosignature of ${key.name} is wrong`)
  if (cosigned.timestamp > numericDate(now) + CLOCK_SKEW_SECONDS) {
    return refused(`the cosignature of ${key.name} is of the future`)
  }
  return { kind: 'cosigned', line: formatSignatureLine(line), timestamp: cosigned.timestamp }
}
