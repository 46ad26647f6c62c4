import { RegistryError } from '@arc3088/problems'

import type { Principal } from './principal.ts'

/** One typed table a service: action → the roles that may do it. `anyone` stands for no credential at all. */
export type PermissionTable = Readonly<Record<string, readonly string[]>>

/** Whether a principal may do an action: by one of its roles, and by its scopes where it has any. */
export function isPermitted(table: PermissionTable, action: string, principal: Principal): boolean {
  return isForRole(table, action, principal) && isWithinScopes(action, principal)
}

/**
 * Refuses with `forbidden`, or `unauthenticated` where nobody said who they are. Unknown actions are refused. Scopes
 * narrow what a role may do, and never widen it.
 */
export function demandPermission(table: PermissionTable, action: string, principal: Principal): void {
  if (isForRole(table, action, principal)) {
    if (isWithinScopes(action, principal)) return
    throw new RegistryError('forbidden', `The scopes of this token do not hold ${action}`)
  }
  if (principal.kind === 'anyone') throw new RegistryError('unauthenticated', `${action} needs a credential`)
  throw new RegistryError(
    'forbidden',
    `${action} is not for ${principal.roles.join(', ') || 'this principal'}`,
  )
}

function allowedRoles(table: PermissionTable, action: string): readonly string[] {
  return (Object.hasOwn(table, action) ? table[action] : undefined) ?? []
}

function isForRole(table: PermissionTable, action: string, principal: Principal): boolean {
  const allowed = allowedRoles(table, action)
  return allowed.includes('anyone') || principal.roles.some((role) => allowed.includes(role))
}

function isWithinScopes(action: string, { scopes }: Principal): boolean {
  return scopes === undefined || scopes.includes(action)
}
