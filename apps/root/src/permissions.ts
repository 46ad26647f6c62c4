import type { PermissionTable } from '@arc3088/service'

/** The roles of the competent authority's desk. */
export const ROOT_ROLES = ['clerk', 'officer', 'auditor', 'administrator'] as const

/** A role of the table. */
export type RootRole = (typeof ROOT_ROLES)[number]

/** Who may do what at the root. The one place: routes name an action, never a role. */
export const ROOT_PERMISSIONS = {
  'application:read': ['clerk', 'officer', 'auditor'],
  'application:take': ['clerk', 'officer'],
  'application:return': ['clerk', 'officer'],
  // Officers decide. Who may propose what stands with each act: an administrator proposes officers and their tokens.
  'act:propose': ['officer', 'administrator'],
  'proposal:read': ['clerk', 'officer', 'auditor'],
  'proposal:decide': ['officer'],
  'advisory:read': ['clerk', 'officer', 'auditor'],
  'agreement:read': ['clerk', 'officer', 'auditor'],
  'audit:read': ['auditor', 'administrator'],
  // Everybody at the desk: who am I, my own credentials.
  'desk:self': ['clerk', 'officer', 'auditor', 'administrator'],
  'token:create': ['clerk', 'officer', 'auditor', 'administrator'],
  // Officers too, who decide about people whose names stand nowhere else.
  'operator:read': ['officer', 'auditor', 'administrator'],
  'operator:manage': ['administrator'],
} as const satisfies PermissionTable

/** An action of the table. */
export type RootAction = keyof typeof ROOT_PERMISSIONS
