import { hash } from 'node:crypto'

/** base64url SHA-256 of the UTF-8 bytes of `text`; a job of the thread pool would cost fifty times what it does. */
export function digestText(text: string): Promise<string> {
  return Promise.resolve(hash('sha256', text, 'base64url'))
}
