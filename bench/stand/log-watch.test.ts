import { expect, test } from 'vitest'

import { createLagMeter } from './log-watch.ts'

test('a checkpoint is behind since the first acknowledged entry that is not in it', () => {
  const meter = createLagMeter(100)
  meter.acknowledged({ at: 1000, answered: 10 })
  meter.acknowledged({ at: 1020, answered: 20 })
  meter.acknowledged({ at: 1040, answered: 30 })
  meter.shown(105, 1050)
  meter.shown(110, 1060)
  meter.shown(125, 1065)
  meter.shown(130, 1070)
  expect(meter.lags()).toEqual([0, 25, 40, 50])
})

test('a checkpoint that holds more than was acknowledged yet is not behind', () => {
  const meter = createLagMeter(0)
  meter.acknowledged({ at: 1000, answered: 1 })
  meter.shown(64, 2000)
  expect(meter.lags()).toEqual([0])
})
