import { RegistryError } from '@arc3088/problems'
import { isPermitted, type PermissionTable, type Principal } from '@arc3088/service'

/** A token that nobody renews is over after a year. */
export const TOKEN_LIFETIME_DAYS_MAX = 365
/** Most credentials in force that one operator holds. */
export const TOKENS_HELD_MAX = 50
/** A session is over after a working day, however much it is used. */
export const SESSION_SECONDS_MAX = 28_800
/** A session that nobody uses is over after this. */
export const SESSION_IDLE_SECONDS_MAX = 1800
/** Within this a session's use is not written again. */
export const SESSION_USE_WRITTEN_SECONDS = 60
/** Within this somebody who was invited makes his own token. */
export const INVITATION_HOURS_MAX = 72
/** What an invitation is for, and all that it is for. */
export const INVITATION_SCOPES = ['token:create'] as const

const DAY_MILLISECONDS = 86_400_000

/** What somebody wants a token for. */
export interface WantedToken {
  readonly label: string
  /** Actions; all that the holder may do where null. */
  readonly scopes: readonly string[] | null
  readonly expiresAt: Date
}

/**
 * Holds a wanted token against who asks for it: within the year; for actions that the holder's role may do; and, where it is
 * made by a token with scopes or an end of its own, within those. An invitation bounds neither: it is redeemed once.
 *
 * @throws RegistryError `request-invalid`, `forbidden`
 */
export function judgeWantedToken(
  wanted: WantedToken,
  { table, holder, at }: { table: PermissionTable; holder: Principal; at: Date },
): void {
  const latest = at.getTime() + TOKEN_LIFETIME_DAYS_MAX * DAY_MILLISECONDS
  if (wanted.expiresAt <= at || wanted.expiresAt.getTime() > latest)
    throw new RegistryError('request-invalid', `expires_at: within ${TOKEN_LIFETIME_DAYS_MAX} days from now`)
  const { scopes, expiresAt } = boundsOf(holder)
  const unknown = wanted.scopes?.find((scope) => !Object.hasOwn(table, scope))
  if (unknown !== undefined)
    throw new RegistryError('request-invalid', `scopes: ${unknown} is no action of this node`)
  const within: Principal = {
    kind: holder.kind,
    id: holder.id,
    roles: holder.roles,
    ...(scopes === undefined ? {} : { scopes }),
  }
  const beyond = wanted.scopes?.find((scope) => !isPermitted(table, scope, within))
  if (beyond !== undefined) throw new RegistryError('forbidden', `scopes: ${beyond} is not yours to give`)
  if (wanted.scopes === null && scopes !== undefined)
    throw new RegistryError('forbidden', 'scopes: a token with scopes makes none without')
  if (expiresAt !== null && wanted.expiresAt > expiresAt)
    throw new RegistryError('forbidden', 'expires_at: a token makes none that outlives it; begin a session')
}

/** A session stands on a key and an invitation on somebody's word, so that what is made with them may outlive them. */
function boundsOf({ scopes, credential }: Principal): {
  scopes: readonly string[] | undefined
  expiresAt: Date | null
} {
  if (credential?.kind === 'invitation') return { scopes: undefined, expiresAt: null }
  const isToken = credential?.kind === 'token'
  return { scopes, expiresAt: isToken ? credential.expiresAt : null }
}
