import { createCipheriv } from 'node:crypto'

/** Rounds of the Feistel network; ten, as NIST SP 800-38G has for FF1. */
const ROUNDS = 10
const AES_BLOCK_BYTES = 16
/** Length of a scramble key: AES-128. */
export const SCRAMBLE_KEY_BYTES = 16

/**
 * A keyed bijection over exactly 0 … size-1: positions taken in order come out in an order that nobody without
 * the key can foretell, and no two positions ever meet. A balanced Feistel network over the next even number of
 * bits, walked on until the value falls inside the range ("cycle walking"), with AES as the round function.
 *
 * Answers the values at `position` … `position + count - 1`. Time is linear in `count`: each round is one AES call.
 */
export function scrambleBlock(key: Uint8Array, size: number, position: number, count: number): number[] {
  if (!Number.isSafeInteger(size) || size < 1)
    throw new RangeError(`A range holds at least one number, not ${size}`)
  if (position < 0 || count < 0 || position + count > size) {
    throw new RangeError(`Positions ${position} to ${position + count - 1} leave a range of ${size}`)
  }
  const halfBits = halfBitsOf(size)
  const values = Array.from({ length: count }, (_, index) => position + index)
  let outside = values.map((_, index) => index)
  while (outside.length > 0) {
    const permuted = permute(
      key,
      halfBits,
      outside.map((index) => values[index] ?? 0),
    )
    outside = outside.filter((index, nth) => {
      const value = permuted[nth] ?? 0
      values[index] = value
      return value >= size
    })
  }
  return values
}

/** The position at which `scrambleBlock` gives a value. */
export function unscramble(key: Uint8Array, size: number, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0 || value >= size)
    throw new RangeError(`${value} is outside of a range of ${size}`)
  const halfBits = halfBitsOf(size)
  let [position] = unpermute(key, halfBits, [value])
  while (position !== undefined && position >= size) [position] = unpermute(key, halfBits, [position])
  if (position === undefined) throw new Error('a value was permuted into nothing')
  return position
}

/** One pass of the network over many values at once. */
function permute(key: Uint8Array, halfBits: number, values: readonly number[]): number[] {
  const radix = 2 ** halfBits
  const left = values.map((value) => Math.floor(value / radix))
  const right = values.map((value) => value % radix)
  const mix = createMixer(key, halfBits, values.length)
  for (let round = 0; round < ROUNDS; round++) {
    const mixed = mix(round, right)
    for (let i = 0; i < values.length; i++) {
      const next = ((left[i] ?? 0) + (mixed.readUInt32BE(i * AES_BLOCK_BYTES) % radix)) % radix
      left[i] = right[i] ?? 0
      right[i] = next
    }
  }
  return left.map((high, i) => high * radix + (right[i] ?? 0))
}

/** The same pass, backwards. */
function unpermute(key: Uint8Array, halfBits: number, values: readonly number[]): number[] {
  const radix = 2 ** halfBits
  const left = values.map((value) => Math.floor(value / radix))
  const right = values.map((value) => value % radix)
  const mix = createMixer(key, halfBits, values.length)
  for (let round = ROUNDS - 1; round >= 0; round--) {
    const mixed = mix(round, left)
    for (let i = 0; i < values.length; i++) {
      const earlier = (right[i] ?? 0) - (mixed.readUInt32BE(i * AES_BLOCK_BYTES) % radix)
      right[i] = left[i] ?? 0
      left[i] = earlier < 0 ? earlier + radix : earlier
    }
  }
  return left.map((high, i) => high * radix + (right[i] ?? 0))
}

/** The round function over many halves at once. The block says round, width and half: no two rounds or widths share an input. */
function createMixer(key: Uint8Array, halfBits: number, count: number) {
  const blocks = Buffer.alloc(count * AES_BLOCK_BYTES)
  for (let at = 1; at < blocks.length; at += AES_BLOCK_BYTES) blocks[at] = halfBits
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  return (round: number, halves: readonly number[]): Buffer => {
    for (let i = 0, at = 0; i < count; i++, at += AES_BLOCK_BYTES) {
      const half = halves[i] ?? 0
      blocks[at] = round
      // Big-endian; a typed array keeps the low eight bits of each.
      blocks[at + 12] = half >>> 24
      blocks[at + 13] = half >>> 16
      blocks[at + 14] = half >>> 8
      blocks[at + 15] = half
    }
    return cipher.update(blocks)
  }
}

function halfBitsOf(size: number): number {
  return Math.max(1, Math.ceil(bitLength(size - 1) / 2))
}

function bitLength(value: number): number {
  return value === 0 ? 1 : Math.floor(Math.log2(value)) + 1
}
