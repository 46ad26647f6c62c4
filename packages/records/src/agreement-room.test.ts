import { describe, expect, test } from 'vitest'

import type { RoomTaken } from './agreement-room.ts'
import {
  AGREEMENT_EVENTS_IN_RESERVE,
  AGREEMENT_EVENTS_OF_ANY_KIND,
  AGREEMENT_EVENTS_OF_PARTY_MAX,
  eventRoomFault,
} from './agreement-room.ts'

const many = (count: number, event: RoomTaken['event'], bytes = 700): RoomTaken[] =>
  Array.from({ length: count }, () => ({ event, bytes }))
const full = many(AGREEMENT_EVENTS_OF_ANY_KIND, 'key_update')

describe('the events of one party', () => {
  test('may be of any kind up to their number, and then only suspend and leave', () => {
    expect(eventRoomFault(full)).toBeUndefined()
    for (const event of ['activate', 'resume', 'key_update'] as const)
      expect(eventRoomFault([...full, ...many(1, event)])).toContain('only suspends and leaves')
    for (const event of ['suspend', 'terminate'] as const)
      expect(eventRoomFault([...full, ...many(1, event)])).toBeUndefined()
  })

  test('may have so many bytes together, and whoever has used them up can still suspend and leave', () => {
    const padded = many(8, 'key_update', 16_384)
    expect(eventRoomFault(padded)).toBeUndefined()
    expect(eventRoomFault([...padded, ...many(1, 'resume')])).toContain('only suspends and leaves')
    expect(eventRoomFault([...padded, ...many(1, 'suspend')])).toBeUndefined()
    expect(eventRoomFault([...padded, ...many(1, 'suspend'), ...many(1, 'terminate')])).toBeUndefined()
  })

  test('are not padded in the reserve either', () => {
    expect(eventRoomFault([...full, ...many(1, 'suspend', 8193)])).toContain('8192 bytes')
  })

  test('leave the last place to leaving', () => {
    const suspended = [...full, ...many(AGREEMENT_EVENTS_IN_RESERVE - 1, 'suspend')]
    expect(eventRoomFault(suspended)).toBeUndefined()
    expect(eventRoomFault([...suspended, ...many(1, 'suspend')])).toContain('the last is to leave')
    const left = [...suspended, ...many(1, 'terminate')]
    expect(left).toHaveLength(AGREEMENT_EVENTS_OF_PARTY_MAX)
    expect(eventRoomFault(left)).toBeUndefined()
    expect(eventRoomFault([...left, ...many(1, 'terminate')])).toContain('the last is to leave')
  })
})
