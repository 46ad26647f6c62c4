import { randomBytes } from 'node:crypto'

/** A password or a name that nobody else has. */
export function randomText(): string {
  return randomBytes(12).toString('hex')
}
