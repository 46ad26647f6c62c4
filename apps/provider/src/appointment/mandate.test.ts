import { HOME_PREFIX, parsePrefix } from '@arc3088/codec'
import { expect, test } from 'vitest'

import { mandateOf, takesBackRetirement, type Appointment } from './appointment.ts'
import { refuseLapsed } from './mandate.ts'

const NOW = new Date(1_790_000_000_000)
const appointment = (change: Partial<Appointment>): Appointment => ({
  prefix: HOME_PREFIX,
  code: parsePrefix('1.2.156.3088.1.7', { prefixes: [HOME_PREFIX] }),
  word: {
    record: '',
    own_configuration: '',
    statement: '',
    root_configuration: '',
    root_keys: [],
    status_list_tokens: [],
  },
  verdict: 'valid',
  servedBy: undefined,
  predecessors: [],
  statementExpiresAt: 1_790_000_100,
  verifiedAt: NOW,
  logs: { own: undefined, root: undefined },
  ...change,
})

test.each([
  ['in force', {}, undefined],
  ['expired', { statementExpiresAt: 1_790_000_000 }, 'appointment-lapsed'],
  ['suspended', { verdict: 'provider-suspended' }, 'provider-suspended'],
  ['retired', { verdict: 'provider-retired' }, 'provider-retired'],
  ['retired long ago', { verdict: 'provider-retired', statementExpiresAt: 1 }, 'provider-retired'],
  ['revoked', { verdict: 'revoked' }, 'appointment-lapsed'],
  [
    'retired, with a custodian',
    { verdict: 'provider-retired', servedBy: 'https://p2.example' },
    'provider-retired',
  ],
  ['served by another', { servedBy: 'https://p2.example' }, 'appointment-lapsed'],
] as const)('a word that is %s', (_, change, because) => {
  expect(refuseLapsed(mandateOf(appointment(change), NOW))?.because).toBe(because)
})

test.each([
  ['provider-retired', 'valid', true],
  ['provider-retired', 'provider-suspended', true],
  ['provider-retired', 'provider-retired', false],
  ['provider-suspended', 'valid', false],
  ['valid', 'provider-retired', false],
] as const)('after %s, %s takes a retirement back: %s', (known, next, expected) => {
  expect(takesBackRetirement(appointment({ verdict: known }), appointment({ verdict: next }))).toBe(expected)
})
