import { encodeBase64url } from '@arc3088/records'
import { equalBytes, parseNote, parseVkey, type Note, type VerifierKey } from '@arc3088/tlog'

import type { Witness, WitnessAddress } from '../witness/ask-witness.ts'

/**
 * How many of these witnesses have a line on a stored note; as a verifier counts, a name and a key once each. The
 * signatures are not looked at: no line is stored that was not verified.
 */
export function countCosigners(noteText: string, witnesses: readonly WitnessAddress[]): number {
  const note = parseNote(noteText)
  const names = new Set<string>()
  const keys = new Set<string>()
  for (const { vkey } of witnesses) {
    const key = parseVkey(vkey)
    if (note === undefined || key === undefined || !hasLineOf(note, key)) continue
    const id = encodeBase64url(key.publicKey)
    if (names.has(key.name) || keys.has(id)) continue
    names.add(key.name)
    keys.add(id)
  }
  return names.size
}

/** Whether a witness has a line on a stored note, by any key that it is listed with. */
export function hasCosigned(noteText: string, { vkey, otherVkeys = [] }: Witness): boolean {
  return [vkey, ...otherVkeys].some((each) => countCosigners(noteText, [{ vkey: each, url: '' }]) > 0)
}

function hasLineOf({ signatures }: Note, { name, keyId }: VerifierKey): boolean {
  return signatures.some((line) => line.name === name && equalBytes(line.keyId, keyId))
}
