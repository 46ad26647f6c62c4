import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { readKeyEndorsement, readLogEntry, recordHash, verifyKeyEndorsement } from '@arc3088/records'
import { connect } from '@arc3088/db'
import { waitFor } from '@arc3088/testkit'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'

import type { IssuerTables } from '../src/db/tables.ts'
import { activateKey } from '../src/keys/activate-key.ts'
import { announceKey } from '../src/keys/announce-key.ts'
import { compromiseKey } from '../src/keys/compromise-key.ts'
import { keyFileName } from '../src/keys/key-files.ts'
import { retireKey } from '../src/keys/retire-key.ts'
import { ACTOR, ambientAt, createKeysNode, type KeysNode } from './keys-node.ts'

const later = (seconds: number) => new Date(Date.now() + seconds * 1000)

/** Announces and, past the overlap, activates the next key of a purpose; answers its kid. */
async function rotate(node: KeysNode, purpose: 'issuing' | 'status' | 'tlog'): Promise<string> {
  const { key } = await announceKey(node.parts(), purpose, ACTOR)
  await activateKey(node.parts({ ambient: ambientAt(later(601)) }), node.log, { kid: key.kid, ...ACTOR })
  return key.kid
}

describe('the first start', () => {
  test('takes the key files into use, each with an entry in the log, signed by the federation key', async () => {
    await using node = await createKeysNode()
    const ring = await node.open()
    expect(await node.states()).toEqual([
      'federation active',
      'issuing active',
      'status active',
      'tlog active',
    ])
    expect(ring.active('issuing').kid).toBe(node.keys.signer('issuing').kid)
    const documents = await node.database.db.selectFrom('key_endorsement').select('jws').execute()
    const hashes = await Promise.all(documents.map(({ jws }) => recordHash(jws)))
    const entries = (await node.entries()).map((text) => readLogEntry(text))
    expect(new Set(entries.map((entry) => entry?.h))).toEqual(new Set(hashes))
    expect(entries).toHaveLength(4)
    expect(new Set(entries.map((entry) => entry?.t))).toEqual(new Set(['endorse']))
    for (const { jws } of documents) {
      const verified = await verifyKeyEndorsement(jws, [node.keys.signer('federation').publicJwk])
      expect(verified).toMatchObject({ kind: 'verified', claims: { event: 'activate' } })
    }
  })

  test('of eight processes at once takes each key into use once, and a restart takes none', async () => {
    await using node = await createKeysNode()
    await Promise.all(Array.from({ length: 8 }, () => node.open()))
    await node.open()
    expect(await node.entries()).toHaveLength(4)
  })

  test('cut off before its end leaves nothing behind, and is done again', async () => {
    await using node = await createKeysNode()
    const dying = node.open({
      ambient: {
        ...ambientAt(later(0)),
        newId: () => {
          throw new Error('killed')
        },
      },
    })
    await expect(dying).rejects.toThrow('killed')
    expect(await node.states()).toEqual([])
    await node.open()
    expect(await node.entries()).toHaveLength(4)
  })

  test('refuses one key for two purposes, and names both', async () => {
    await using node = await createKeysNode()
    const driver = node.driver
    const same = { ...driver, load: () => driver.load(`file:${keyFileName('issuing')}`) }
    await expect(node.open({ drivers: new Map([['file', same]]) })).rejects.toThrow(/are one key/)
  })

  test('refuses a key file that was put in the place of another by hand', async () => {
    await using node = await createKeysNode()
    await node.open()
    await using other = await createKeysNode()
    const foreign = await other.driver.generate('issuing', 'ES256')
    const from = join(other.keys.directory, foreign.ref.slice('file:'.length))
    copyFileSync(from, join(node.keys.directory, keyFileName('issuing')))
    await expect(node.open()).rejects.toThrow(/keys:announce/)
  })
})

describe('a rotation', () => {
  test('publishes the next key, changes over in every process, and keeps the last one until it is retired', async () => {
    await using node = await createKeysNode()
    const [here, elsewhere] = [await node.open(), await node.open()]
    const first = here.active('issuing').kid
    const { key, created } = await announceKey(node.parts(), 'issuing', ACTOR)
    expect(created).toBe(true)
    await here.refresh()
    expect(here.active('issuing').kid).toBe(first)
    expect(here.published('issuing').map(({ kid }) => kid)).toEqual([first, key.kid])
    await activateKey(node.parts({ ambient: ambientAt(later(601)) }), node.log, { kid: key.kid, ...ACTOR })
    await waitFor(() => Promise.resolve(elsewhere.active('issuing').kid === key.kid), {
      what: 'the other process to change over',
    })
    expect(elsewhere.published('issuing').map(({ kid }) => kid)).toEqual([key.kid, first])
    const ambient = ambientAt(later(1000))
    await node.database.db.deleteFrom('log_queue').execute()
    const retired = await retireKey(node.parts({ ambient }), node.log, { kid: first, ...ACTOR })
    expect(retired).toMatchObject({ state: 'retired', finalCheckpointSize: 0 })
    await here.refresh()
    expect(here.published('issuing').map(({ kid }) => kid)).toEqual([key.kid])
  })

  test('signs what it says of a key with the federation key before, also of a federation key', async () => {
    await using node = await createKeysNode()
    await node.open()
    const before = node.keys.signer('federation')
    const { key } = await announceKey(node.parts(), 'federation', ACTOR)
    const rootKeySetKids = new Set([key.kid])
    const parts = node.parts({ ambient: ambientAt(later(601)), rootKeySetKids })
    await activateKey(parts, node.log, { kid: key.kid, ...ACTOR })
    const { key: next } = await announceKey(parts, 'status', ACTOR)
    const rows = await node.database.db
      .selectFrom('key_endorsement')
      .select('jws')
      .where('kid', 'in', [key.kid, next.kid])
      .orderBy('sequence')
      .execute()
    const signers = rows.map(({ jws }) => {
      const read = readKeyEndorsement(jws)
      return read.kind === 'read' ? `${read.claims.event} by ${read.kid}` : read.detail
    })
    expect(signers).toEqual([
      `announce by ${before.kid}`,
      `activate by ${before.kid}`,
      `announce by ${key.kid}`,
    ])
  })

  test('of a root’s federation key waits until the root key set names it', async () => {
    await using node = await createKeysNode()
    await node.open()
    const { key } = await announceKey(node.parts(), 'federation', ACTOR)
    const ambient = ambientAt(later(601))
    const activating = activateKey(node.parts({ ambient }), node.log, { kid: key.kid, ...ACTOR })
    await expect(activating).rejects.toMatchObject({ code: 'key-not-endorsed' })
  })

  test('is refused while the root has not endorsed it, while no witness has seen it, and within the overlap', async () => {
    await using node = await createKeysNode()
    const ring = await node.open()
    const first = ring.active('issuing').kid
    const { key } = await announceKey(node.parts({ endorsedBy: 'root' }), 'issuing', ACTOR)
    const ambient = ambientAt(later(601))
    const request = { kid: key.kid, ...ACTOR }
    await expect(activateKey(node.parts({ ambient }), node.log, request)).rejects.toMatchObject({
      code: 'key-not-endorsed',
    })
    await node.database.db
      .updateTable('key')
      .set({ endorsed_at: later(0) })
      .where('kid', '=', key.kid)
      .execute()
    const unseen = { ...node.log, proofOf: () => Promise.resolve(undefined) }
    await expect(activateKey(node.parts({ ambient }), unseen, request)).rejects.toMatchObject({
      code: 'key-not-endorsed',
    })
    await expect(activateKey(node.parts(), node.log, request)).rejects.toMatchObject({
      code: 'key-too-early',
    })
    await ring.refresh()
    expect(ring.active('issuing').kid).toBe(first)
    expect((await activateKey(node.parts({ ambient }), node.log, request)).state).toBe('active')
  })

  test('is refused where the private half is not on this machine', async () => {
    await using node = await createKeysNode()
    await node.open()
    const { key } = await announceKey(node.parts(), 'issuing', ACTOR)
    rmSync(join(node.keys.directory, keyFileName('issuing', key.kid)))
    const parts = node.parts({ ambient: ambientAt(later(601)) })
    await expect(activateKey(parts, node.log, { kid: key.kid, ...ACTOR })).rejects.toThrow(
      /not a usable key file/,
    )
    expect(await node.states()).toContain('issuing announced')
  })

  test('activated by eight at once happens once, and all are told the same', async () => {
    await using node = await createKeysNode()
    await node.open()
    const { key } = await announceKey(node.parts(), 'issuing', ACTOR)
    const parts = node.parts({ ambient: ambientAt(later(601)) })
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => activateKey(parts, node.log, { kid: key.kid, ...ACTOR })),
    )
    expect(new Set(answers.map(({ state }) => state))).toEqual(new Set(['active']))
    const events = await node.database.db
      .selectFrom('key_transition')
      .select('event')
      .where('kid', '=', key.kid)
      .execute()
    expect(events.map(({ event }) => event).toSorted()).toEqual(['activate', 'announce'])
  })

  test('announced by eight at once makes one key known; asked again, it is that one', async () => {
    await using node = await createKeysNode()
    await node.open()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => announceKey(node.parts(), 'status', ACTOR)),
    )
    expect(new Set(answers.map(({ key }) => key.kid)).size).toBe(1)
    expect(answers.filter(({ created }) => created)).toHaveLength(1)
    const again = await announceKey(node.parts(), 'status', ACTOR)
    expect(again).toMatchObject({ created: false, key: { kid: answers[0]?.key.kid } })
  })

  test('refuses to announce a key that serves another purpose', async () => {
    await using node = await createKeysNode()
    const ring = await node.open()
    const issuing = { ref: 'file:x', publicJwk: ring.active('issuing').publicJwk }
    const driver = { ...node.driver, find: () => Promise.resolve([issuing]) }
    await expect(announceKey(node.parts({ driver }), 'status', ACTOR)).rejects.toMatchObject({
      code: 'key-two-purposes',
    })
  })

  test('retires no key that may still sign, or whose last record no witness has seen', async () => {
    await using node = await createKeysNode()
    const first = (await node.open()).active('issuing').kid
    const request = { kid: first, ...ACTOR, waitSeconds: 0 }
    await expect(retireKey(node.parts(), node.log, request)).rejects.toMatchObject({ code: 'key-state' })
    await rotate(node, 'issuing')
    await expect(
      retireKey(node.parts({ ambient: ambientAt(later(650)) }), node.log, request),
    ).rejects.toMatchObject({ code: 'key-too-early' })
    const parts = node.parts({ ambient: ambientAt(later(1000)) })
    await expect(retireKey(parts, node.log, request)).rejects.toThrow(/The log has not taken/)
    await node.database.db.deleteFrom('log_queue').execute()
    const unseen = { ...node.log, head: () => Promise.resolve({ size: 9, witnessed: { size: 8 } }) }
    await expect(retireKey(parts, unseen, request)).rejects.toThrow(/No witnessed checkpoint/)
    expect((await retireKey(parts, node.log, request)).state).toBe('retired')
    expect((await retireKey(parts, node.log, request)).state).toBe('retired')
  })
})

describe('a compromise', () => {
  test('ends the use of a key at once, and its successor does not wait for the overlap', async () => {
    await using node = await createKeysNode()
    const ring = await node.open()
    const first = ring.active('issuing').kid
    const since = later(-3600)
    await compromiseKey(node.parts(), { kid: first, since, ...ACTOR })
    await ring.refresh()
    expect(() => ring.active('issuing')).toThrow(expect.objectContaining({ code: 'key-unavailable' }))
    const [successor] = ring.published('issuing')
    expect(successor?.kid).not.toBe(first)
    await activateKey(node.parts(), node.log, { kid: successor?.kid ?? '', ...ACTOR })
    await ring.refresh()
    expect(ring.active('issuing').kid).toBe(successor?.kid)
    expect(await node.states()).toContain('issuing compromised')
  })

  test('of the federation key is said by the endorsed one that waits, and else by itself', async () => {
    await using node = await createKeysNode()
    const ring = await node.open()
    const first = ring.active('federation').kid
    const { key } = await announceKey(node.parts(), 'federation', ACTOR)
    await compromiseKey(node.parts(), { kid: first, since: later(-60), ...ACTOR })
    const row = await node.database.db
      .selectFrom('key_endorsement')
      .select('jws')
      .where('event', '=', 'compromise')
      .executeTakeFirstOrThrow()
    expect(readKeyEndorsement(row.jws)).toMatchObject({
      kid: key.kid,
      claims: { key: { kid: first }, reason: 'compromised' },
    })
  })

  test('can be dated back later, and never forward', async () => {
    await using node = await createKeysNode()
    const { kid } = (await node.open()).active('status')
    const tell = (since: Date) => compromiseKey(node.parts(), { kid, since, ...ACTOR })
    await tell(later(-60))
    await expect(tell(later(-30))).rejects.toMatchObject({ code: 'key-state' })
    await expect(tell(later(60))).rejects.toMatchObject({ code: 'key-state' })
    expect((await tell(later(-90))).compromisedAt?.getTime()).toBeLessThan(later(-80).getTime())
  })
})

describe('the database, also for its owner,', () => {
  test.each([
    [
      'a second active key',
      'key_one_active',
      sql`update key set state = 'active', activated_at = now() where state = 'announced'`,
    ],
    [
      'a first use before the endorsement',
      'key_used_when_endorsed',
      sql`insert into key (kid, purpose, jwk, key_ref, state, announced_at, activated_at)
        select 'x', purpose, jwk || '{"kid":"x"}', key_ref, 'outgoing', announced_at, now() from key where state = 'announced'`,
    ],
    [
      'a key that goes back',
      'key_steps',
      sql`update key set state = 'announced' where state = 'active' and purpose = 'tlog'`,
    ],
    [
      'a key that skips its use',
      'key_steps',
      sql`update key set state = 'retired', activated_at = now(), retired_at = now(), final_checkpoint_size = 1 where state = 'announced'`,
    ],
    ['another public half', 'key_steps', sql`update key set jwk = jwk || '{"x":"y"}'`],
    ['a key deleted', 'append_only', sql`delete from key`],
    ['a document changed', 'append_only', sql`update key_endorsement set jws = 'x'`],
    ['a step forgotten', 'append_only', sql`delete from key_transition`],
    ['all steps forgotten', 'append_only', sql`truncate key_transition`],
    [
      'a private half',
      'key_public',
      sql`insert into key (kid, purpose, jwk, key_ref, state, announced_at)
        select 'x', purpose, jwk || '{"kid":"x","d":"y"}', key_ref, 'announced', announced_at from key where purpose = 'tlog'`,
    ],
  ])('refuses %s (%s)', async (_, constraint, statement) => {
    await using node = await createKeysNode()
    await node.open()
    await announceKey(node.parts(), 'issuing', ACTOR)
    const owner = connect<IssuerTables>({
      url: node.database.ownerUrl,
      max: 1,
      applicationName: 'owner',
      onIdleError: () => undefined,
    })
    try {
      await expect(statement.execute(owner)).rejects.toMatchObject({ constraint })
    } finally {
      await owner.destroy()
    }
  })
})

/** What was made before a kill and what may follow it: never two active keys, never a use before an endorsement. */
describe('killed', () => {
  test('after the key file was written: nothing is known of it, and the next announcement takes it up', async () => {
    await using node = await createKeysNode()
    await node.open()
    const ambient = ambientAt(later(0), 'keys:written')
    await expect(announceKey(node.parts({ ambient }), 'issuing', ACTOR)).rejects.toThrow('killed')
    expect(await node.states()).not.toContain('issuing announced')
    const { key } = await announceKey(node.parts(), 'issuing', ACTOR)
    const files = readdirSync(node.keys.directory).filter((name) => name.startsWith('issuing.'))
    expect(files.toSorted()).toEqual([keyFileName('issuing', key.kid), keyFileName('issuing')].toSorted())
  })

  test('after the announcement was committed: it stands, and cannot sign before its time', async () => {
    await using node = await createKeysNode()
    const ring = await node.open()
    const ambient = ambientAt(later(0), 'keys:logged')
    await expect(announceKey(node.parts({ ambient }), 'issuing', ACTOR)).rejects.toThrow('killed')
    expect(await node.states()).toContain('issuing announced')
    const { key, created } = await announceKey(node.parts(), 'issuing', ACTOR)
    expect(created).toBe(false)
    await expect(activateKey(node.parts(), node.log, { kid: key.kid, ...ACTOR })).rejects.toMatchObject({
      code: 'key-too-early',
    })
    await ring.refresh()
    expect(ring.active('issuing').kid).not.toBe(key.kid)
  })

  test('in the middle of the activation: the key before goes on', async () => {
    await using node = await createKeysNode()
    const ring = await node.open()
    const first = ring.active('issuing').kid
    const { key } = await announceKey(node.parts(), 'issuing', ACTOR)
    const ambient = {
      ...ambientAt(later(601)),
      newId: () => {
        throw new Error('killed')
      },
    }
    await expect(activateKey(node.parts({ ambient }), node.log, { kid: key.kid, ...ACTOR })).rejects.toThrow(
      'killed',
    )
    await ring.refresh()
    expect(ring.active('issuing').kid).toBe(first)
  })

  test('after the activation was committed: the step stands, and a retry is told so', async () => {
    await using node = await createKeysNode()
    const ring = await node.open()
    const { key } = await announceKey(node.parts(), 'issuing', ACTOR)
    const activate = () =>
      activateKey(node.parts({ ambient: ambientAt(later(601), 'keys:activated') }), node.log, {
        kid: key.kid,
        ...ACTOR,
      })
    await expect(activate()).rejects.toThrow('killed at keys:activated')
    await ring.refresh()
    expect(ring.active('issuing').kid).toBe(key.kid)
    await expect(activate()).rejects.toThrow('killed at keys:activated')
    expect((await node.states()).filter((state) => state === 'issuing active')).toHaveLength(1)
    expect(await node.entries()).toHaveLength(6)
  })

  test('after the retirement was committed: it stands with one end, and a retry is told so', async () => {
    await using node = await createKeysNode()
    const first = (await node.open()).active('issuing').kid
    await rotate(node, 'issuing')
    await node.database.db.deleteFrom('log_queue').execute()
    const retire = (dieAt?: string) =>
      retireKey(node.parts({ ambient: ambientAt(later(1000), dieAt) }), node.log, { kid: first, ...ACTOR })
    await expect(retire('keys:retired')).rejects.toThrow('killed at keys:retired')
    expect((await retire()).state).toBe('retired')
    expect(await node.entries()).toHaveLength(1)
  })
})
