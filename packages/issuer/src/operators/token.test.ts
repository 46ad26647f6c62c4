import type { PermissionTable, Principal } from '@arc3088/service'
import { expect, test } from 'vitest'

import { judgeWantedToken, type WantedToken } from './token.ts'

const AT = new Date('2026-11-22T00:00:00Z')
const inDays = (days: number) => new Date(AT.getTime() + days * 86_400_000)
const TABLE: PermissionTable = {
  'desk:self': ['clerk', 'officer'],
  'proposal:decide': ['officer'],
  'token:create': ['clerk', 'officer'],
}
const by = (
  kind: string,
  change: Partial<Principal> = {},
  expiresAt: Date | null = inDays(10),
): Principal => ({
  kind: 'operator',
  id: 'ann',
  roles: ['clerk'],
  credential: { id: 'c', kind, expiresAt },
  ...change,
})
const want = (change: Partial<WantedToken> = {}): WantedToken => ({
  label: 'x',
  scopes: ['desk:self'],
  expiresAt: inDays(1),
  ...change,
})
const judge = (wanted: WantedToken, holder: Principal) => () =>
  judgeWantedToken(wanted, { table: TABLE, holder, at: AT })

test.each<[string, WantedToken, Principal]>([
  ['within the role', want(), by('token')],
  ['for all of the role', want({ scopes: null }), by('token')],
  ['to its very end', want({ expiresAt: inDays(10) }), by('token')],
  ['to the end of the year', want({ expiresAt: inDays(365) }), by('token', {}, null)],
  ['that outlives the session that makes it', want({ expiresAt: inDays(365) }), by('session')],
  ['within the scopes of what makes it', want(), by('token', { scopes: ['desk:self', 'token:create'] })],
  [
    'by an invitation, whose scope is to make one',
    want({ scopes: null, expiresAt: inDays(300) }),
    by('invitation', { scopes: ['token:create'] }),
  ],
])('a token is made %s', (_, wanted, holder) => {
  expect(judge(wanted, holder)).not.toThrow()
})

test.each<[string, WantedToken, Principal, string]>([
  ['for an action of another role', want({ scopes: ['proposal:decide'] }), by('session'), 'forbidden'],
  ['for another role by an invitation', want({ scopes: ['proposal:decide'] }), by('invitation'), 'forbidden'],
  ['for no action', want({ scopes: ['constructor'] }), by('session'), 'request-invalid'],
  ['beyond the scopes of what makes it', want(), by('token', { scopes: ['token:create'] }), 'forbidden'],
  [
    'without scopes by one with scopes',
    want({ scopes: null }),
    by('token', { scopes: ['desk:self', 'token:create'] }),
    'forbidden',
  ],
  ['that outlives what makes it', want({ expiresAt: inDays(11) }), by('token'), 'forbidden'],
  ['for more than a year', want({ expiresAt: inDays(366) }), by('session'), 'request-invalid'],
  ['that ends now', want({ expiresAt: AT }), by('session'), 'request-invalid'],
])('a token is refused %s', (_, wanted, holder, code) => {
  expect(judge(wanted, holder)).toThrow(expect.objectContaining({ code }))
})
