import type { NumericDate } from './claims.ts'
import { sha256Base64url } from './digest.ts'
import type { StatusValue } from './status-list.ts'

/** That a code got another status, and when: what a `status` entry of the log is about (W7, W8). */
export interface StatusTransition {
  readonly code: string
  readonly status: StatusValue
  readonly since: NumericDate
}

/**
 * What stands in the log in place of a signed document: the JCS form (RFC 8785) of code, status and instant, which for
 * these three members is plain to write.
 */
export function formatStatusTransition({ code, status, since }: StatusTransition): string {
  return `{"code":${JSON.stringify(code)},"since":${since},"status":${status}}`
}

/** `h` of the log entry of a transition: base64url SHA-256 of {@link formatStatusTransition}. */
export async function statusTransitionHash(transition: StatusTransition): Promise<string> {
  return await sha256Base64url(formatStatusTransition(transition))
}
