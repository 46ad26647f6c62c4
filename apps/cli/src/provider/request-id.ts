import { randomBytes } from 'node:crypto'

import { UsageError } from '../failure.ts'

const VERSION_7 = 0x70
const VARIANT_RFC = 0x80

/** A UUIDv7 (RFC 9562 section 5.7): what a signed request is known by. */
export function newRequestId(now: Date): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now.getTime(), 0, 6)
  bytes[6] = VERSION_7 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = VARIANT_RFC | ((bytes[8] ?? 0) & 0x3f)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** A request id as the caller gave it. @throws UsageError unless it is a UUIDv7, as W11 has them. */
export function readRequestId(text: string | undefined): string | undefined {
  if (
    text === undefined ||
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text)
  ) {
    return text
  }
  throw new UsageError('--request-id: a UUID of version 7, as the application before answered it')
}
