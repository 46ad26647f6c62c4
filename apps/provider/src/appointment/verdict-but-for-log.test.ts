import type { Assessment } from '@arc3088/trust'
import { expect, test } from 'vitest'

import { verdictButForLog } from './verdict-but-for-log.ts'

type Code = Assessment['reasons'][number]['code']
const reasons = (...codes: Code[]) => codes.map((code) => ({ code, detail: '' }))
const PROOF = 'log-proof-missing'

test.each([
  ['indeterminate', [PROOF], 'valid'],
  ['indeterminate', [PROOF, 'status-suspended'], 'provider-suspended'],
  ['indeterminate', [PROOF, 'status-retired'], 'provider-retired'],
  ['indeterminate', [PROOF, 'status-revoked'], 'revoked'],
  ['indeterminate', [PROOF, 'part-missing'], 'indeterminate'],
  ['indeterminate', ['part-missing', PROOF, 'status-suspended'], 'indeterminate'],
  ['stale', ['expired', PROOF], 'stale'],
  ['signature-invalid', ['signature-invalid'], 'signature-invalid'],
  ['chain-invalid', ['statement-withdrawn', PROOF], 'chain-invalid'],
  ['provider-suspended', ['status-suspended'], 'provider-suspended'],
  ['valid', [], 'valid'],
] as const)('takes %s because of %j as %s', (verdict, codes, expected) => {
  expect(verdictButForLog({ verdict, reasons: reasons(...codes) })).toBe(expected)
})

test.each([
  ['suspended', 'provider-suspended'],
  ['retired', 'provider-retired'],
] as const)('takes the statement’s word that the provider is %s', (state, expected) => {
  const provider = {
    code: '1.2.156.3088.1.1',
    entity_id: 'https://p1.example',
    organization: null,
    kind: 'domestic',
    state,
  } as const
  expect(
    verdictButForLog({ verdict: 'indeterminate', reasons: reasons(PROOF, 'provider-state'), provider }),
  ).toBe(expected)
})
