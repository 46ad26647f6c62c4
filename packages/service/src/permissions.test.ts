import { expect, test } from 'vitest'

import { demandPermission, type PermissionTable } from './permissions.ts'
import { ANYONE } from './principal.ts'

const TABLE: PermissionTable = {
  'code:assign': ['officer'],
  'audit:read': ['auditor', 'officer'],
  'code:read': ['anyone'],
  'code:never': [],
}
const as = (...roles: string[]) => ({ kind: 'operator', id: 'ann', roles })

test.each([
  ['code:assign', as('officer')],
  ['audit:read', as('officer')],
  ['audit:read', as('clerk', 'auditor')],
  ['code:read', as()],
  ['code:read', ANYONE],
])('allows %s to %o', (action, principal) => {
  expect(() => demandPermission(TABLE, action, principal)).not.toThrow()
})

test.each([
  ['code:assign', as('clerk'), 'forbidden'],
  ['code:assign', as(), 'forbidden'],
  ['code:never', as('officer'), 'forbidden'],
  ['code:unknown', as('officer'), 'forbidden'],
  ['constructor', as('officer'), 'forbidden'],
  ['code:assign', ANYONE, 'unauthenticated'],
  ['code:unknown', ANYONE, 'unauthenticated'],
])('refuses %s to %o as %s', (action, principal, code) => {
  expect(() => demandPermission(TABLE, action, principal)).toThrow(expect.objectContaining({ code }))
})
