import { RegistryError } from '@arc3088/problems'
import { expect, test } from 'vitest'

import { demandPermission, isPermitted, type PermissionTable } from './permissions.ts'
import { ANYONE, type Principal } from './principal.ts'

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
  ['code:assign', { ...as('officer'), scopes: ['code:assign'] }, true],
  ['code:assign', { ...as('officer'), scopes: ['audit:read', 'code:assign'] }, true],
  ['code:assign', { ...as('officer'), scopes: ['audit:read'] }, false],
  ['code:assign', { ...as('officer'), scopes: [] }, false],
  ['code:assign', { ...as('clerk'), scopes: ['code:assign'] }, false],
  ['code:read', { ...as('officer'), scopes: [] }, false],
  ['constructor', { ...as('officer'), scopes: ['constructor'] }, false],
])('a scope narrows a role and never widens it: %s to %o is %s', (action, principal, may) => {
  expect(isPermitted(TABLE, action, principal)).toBe(may)
  expect(refusalOf(action, principal)).toBe(may ? undefined : 'forbidden')
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

/** What a demand is refused with; undefined where it is granted. */
function refusalOf(action: string, principal: Principal): unknown {
  try {
    demandPermission(TABLE, action, principal)
    return undefined
  } catch (error) {
    return error instanceof RegistryError ? error.code : error
  }
}
