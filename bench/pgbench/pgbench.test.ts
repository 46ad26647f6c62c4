import { expect, test } from 'vitest'

import { readRate } from './pgbench.ts'

const PRINTED = `transaction type: insert.sql
number of transactions actually processed: 90161
number of failed transactions: 0 (0.000%)
latency average = 0.887 ms
tps = 18042.123456 (without initial connection time)
`

test('the rate is read from what pgbench prints', () => {
  expect(readRate(PRINTED)).toBe(18_042.123456)
})

test('a run with failed transactions has no rate', () => {
  expect(() => readRate(PRINTED.replace('transactions: 0', 'transactions: 7'))).toThrow('pgbench')
  expect(() => readRate('pgbench: error: connection refused')).toThrow('pgbench')
})
