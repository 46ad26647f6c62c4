import { encodeBase64url } from './base64url.ts'

const encoder = new TextEncoder()

/** base64url SHA-256 of the UTF-8 bytes of `text`. */
export async function digestText(text: string): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))))
}
