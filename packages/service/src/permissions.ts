import { RegistryError } from '@arc3088/problems'

import type { Principal } from './principal.ts'

/** One typed table a service: action → the roles that may do it. `anyone` stands for no credential at all. */
export type PermissionTable = Readonly<Record<string, readonly string[]>>

/** Refuses with `forbidden`, or `unauthenticated` where nobody said who they are. Unknown actions are refused. */
export function demandPermission(table: PermissionTable, action: string, principal: Principal): void {
  const allowed = (Object.hasOwn(table, action) ? table[action] : undefined) ?? []
  if (allowed.includes('anyone') || principal.roles.some((role) => allowed.includes(role))) return
  if (principal.kind === 'anyone') throw new RegistryError('unauthenticated', `${action} needs a credential`)
  throw new RegistryError(
    'forbidden',
    `${action} is not for ${principal.roles.join(', ') || 'this principal'}`,
  )
}
