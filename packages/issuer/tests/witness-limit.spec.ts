import { readTrustedProxies } from '@arc3088/service'
import { createClock } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { CHECKPOINT_RATE, type WatchedLog } from '../src/index.ts'
import { createIssuerDatabase } from './test-issuer.ts'
import { createTestLog, newLogKey } from './test-log.ts'
import { startWitness } from './test-witness.ts'

const NETWORK = { 'x-forwarded-for': '192.0.2.7' }

test('a log that was cosigned here is not kept out by a neighbour that spends what their address has', async () => {
  const database = await createIssuerDatabase()
  try {
    const [log, stranger] = [
      createTestLog('https://p1.example', await newLogKey()),
      createTestLog('https://p2.example', await newLogKey()),
    ]
    const watched = new Map<string, WatchedLog>([[log.origin, { vkeys: [log.vkey] }]])
    const clock = createClock(new Date('2026-11-22T12:00:00Z'))
    const clients = { trustedProxies: readTrustedProxies('127.0.0.1') }
    await using witness = await startWitness(database, {
      key: await newLogKey(),
      watched,
      clients,
      ambient: { now: () => clock.now() },
    })
    const send = async (body: string) => (await witness.add(body, NETWORK)).status
    expect(await send(await log.request(0, 1))).toBe(200)
    const unknown = await stranger.request(0, 1)
    // One was spent by the log itself, before it was known.
    for (let sent = 1; sent < CHECKPOINT_RATE.requests; sent += 1) expect(await send(unknown)).toBe(404)
    expect([await send(unknown), await send('nothing')]).toEqual([429, 429])
    expect(await send(await log.request(1, 2))).toBe(200)
  } finally {
    await database.drop()
  }
})
