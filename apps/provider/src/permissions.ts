import type { PermissionTable } from '@arc3088/service'

/** The roles of a provider's desk. */
export const PROVIDER_ROLES = ['reviewer', 'administrator', 'auditor'] as const

/**
 * Who may do what at a provider. The one place: routes name an action, never a role. `applicant` is who has
 * applied, `requester` who was verified; one token serves for both.
 */
export const PROVIDER_PERMISSIONS = {
  'requester:own': ['applicant', 'requester'],
  'requester:read': ['reviewer', 'administrator', 'auditor'],
  'requester:verify': ['reviewer'],
  'ontology:own': ['requester'],
  'ontology:read': ['reviewer', 'administrator', 'auditor'],
  'ontology:review': ['reviewer'],
  'instance:register': ['requester'],
  'code:change': ['requester', 'reviewer'],
  'advisory:read': ['reviewer', 'administrator', 'auditor'],
  'advisory:acknowledge': ['reviewer', 'administrator'],
  'audit:read': ['auditor', 'administrator'],
  // Everybody at the desk: who am I, my own credentials.
  'desk:self': ['reviewer', 'administrator', 'auditor'],
  'token:create': ['reviewer', 'administrator', 'auditor'],
  'operator:read': ['administrator', 'auditor'],
  'operator:manage': ['administrator'],
  'numbering:read': ['reviewer', 'administrator', 'auditor'],
  'numbering:change': ['administrator'],
} as const satisfies PermissionTable

/** An action of the table. */
export type ProviderAction = keyof typeof PROVIDER_PERMISSIONS
