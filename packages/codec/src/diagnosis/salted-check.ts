import { formatSegment } from '../segment-text.ts'

const SALT_BYTES_MAX = 64
const CHECK_WIDTH = 4
/** 0xFFFF in base 36: no CRC-16 is above it. */
export const CHECK_MAX = '1EKF'

/** The bytes of a salt given in hexadecimal, with or without `0x`. @throws RangeError unless 1 to 64 whole bytes. */
export function saltBytes(hex: string): readonly number[] {
  const digits = hex.replace(/^0x/i, '')
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits) || digits.length > 2 * SALT_BYTES_MAX) {
    throw new RangeError(`a salt is 1 to ${SALT_BYTES_MAX} bytes in hexadecimal`)
  }
  return Array.from(digits.matchAll(/../g), ([byte]) => Number.parseInt(byte, 16))
}

/** The check of ACPs AIC v2.x: CRC-16/CCITT-FALSE over levels 1-9 with their dots, then the salt; four base-36 symbols. */
export function saltedCheck(levels: string, salt: readonly number[]): string {
  let crc = 0xff_ff
  const canonical = levels.toUpperCase()
  for (let i = 0; i < canonical.length; i++) crc = crcStep(crc, canonical.charCodeAt(i))
  for (const byte of salt) crc = crcStep(crc, byte)
  return formatSegment(crc).padStart(CHECK_WIDTH, '0')
}

function crcStep(crc: number, byte: number): number {
  let next = crc ^ (byte << 8)
  for (let bit = 0; bit < 8; bit++) {
    next = (next & 0x80_00) === 0 ? next << 1 : (next << 1) ^ 0x10_21
  }
  return next & 0xff_ff
}
