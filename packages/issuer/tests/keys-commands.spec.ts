import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { createLog, systemAmbient } from '@arc3088/service'
import { describe, expect, test } from 'vitest'

import { openJournal, openNodeBase, type IssuerTables } from '../src/index.ts'
import { keyFileName } from '../src/keys/key-files.ts'
import { runNodeCommand } from '../src/node/node-command.ts'
import { createKeysNode, type KeysNode } from './keys-node.ts'

/** Runs a command of a node as its `main.ts` does; answers the exit code and what was printed. */
async function run(
  node: KeysNode,
  argv: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const code = await runNodeCommand({
    argv,
    environment: {
      ENTITY_ID: 'https://p1.example',
      DATABASE_URL: node.database.appUrl,
      KEYS_DIR: node.keys.directory,
      JOURNAL_DIR: join(node.keys.directory, 'journal'),
      ...environment,
    },
    service: 'test',
    migrations: [],
    roles: [],
    witnessesOf: () => Promise.resolve([]),
    placesBesideRecords: () => Promise.resolve([]),
    keys: {
      endorsedBy: 'root',
      logQuorum: () => Promise.resolve(1),
      loadTokenDrivers: () => Promise.reject(new Error('Cannot find package')),
    },
    write: (line) => void lines.push(line),
    serve: () => Promise.resolve(),
  })
  return { code, text: lines.join('\n') }
}

test('a key is announced, listed, and refused before it is endorsed', async () => {
  await using node = await createKeysNode()
  await node.open()
  const announced = await run(node, ['keys:announce', '--purpose', 'issuing', '--reason', 'yearly'])
  expect(announced).toMatchObject({ code: 0 })
  const kid = /announced: issuing announced (\S+)/.exec(announced.text)?.[1] ?? ''
  expect((await run(node, ['keys:announce', '--purpose', 'issuing'])).text).toContain(
    `waiting already: issuing announced ${kid}`,
  )
  const listed = await run(node, ['keys:list'])
  expect(listed.text.split('\n')).toHaveLength(5)
  expect(listed.text).toContain(`issuing active ${node.keys.signer('issuing').kid}`)
  const activated = await run(node, ['keys:activate', '--kid', kid])
  expect(activated).toMatchObject({ code: 1, text: expect.stringContaining('key-not-endorsed') })
  const trail = await node.database.db
    .selectFrom('key_transition')
    .select(['actor', 'reason'])
    .where('kid', '=', kid)
    .execute()
  expect(trail).toEqual([{ actor: 'command line', reason: 'yearly' }])
})

test('a compromise is told with the instant that it began', async () => {
  await using node = await createKeysNode()
  await node.open()
  const { kid } = node.keys.signer('status')
  const told = await run(node, ['keys:compromised', '--kid', kid, '--since', '2026-01-01T00:00:00Z'])
  expect(told).toMatchObject({
    code: 0,
    text: expect.stringContaining('compromised=2026-01-01T00:00:00.000Z'),
  })
  const early = await run(node, ['keys:retire', '--kid', kid])
  expect(early).toMatchObject({ code: 1, text: expect.stringContaining('key-state') })
})

test.each([
  ['no purpose', ['keys:announce'], /--purpose is missing/],
  ['the purpose of the root key', ['keys:announce', '--purpose', 'root'], /--purpose root: one of/],
  ['no kid', ['keys:activate'], /--kid is missing/],
  ['no instant', ['keys:compromised', '--kid', 'x'], /--since is missing/],
  [
    'an instant without its zone',
    ['keys:compromised', '--kid', 'x', '--since', '2026-01-01T00:00:00'],
    /--since/,
  ],
  ['an option nobody knows', ['keys:list', '--colour', 'blue'], /colour/],
  ['a command nobody knows', ['keys:lend'], /keys:lend is not a command/],
])('%s is a fault of the caller', async (_, argv, message) => {
  await using node = await createKeysNode()
  await node.open()
  expect(await run(node, argv)).toMatchObject({ code: 2, text: expect.stringMatching(message) })
})

test('a key whose id begins with a dash is a key as any other', async () => {
  await using node = await createKeysNode()
  await node.open()
  const argv = ['--kid', `-${'x'.repeat(42)}`, '--since', '2026-01-01T00:00:00Z', '--reason', 'lost']
  expect(await run(node, ['keys:compromised', ...argv])).toMatchObject({
    code: 1,
    text: expect.stringContaining(`-${'x'.repeat(42)}`),
  })
})

test('a key that is not there is refused', async () => {
  await using node = await createKeysNode()
  await node.open()
  expect(await run(node, ['keys:activate', '--kid', 'x'])).toMatchObject({
    code: 1,
    text: expect.stringContaining('key-not-found'),
  })
})

test('key files are sealed by the passphrase that a file holds, and by no other afterwards', async () => {
  await using node = await createKeysNode()
  const right = join(node.keys.directory, 'passphrase')
  const wrong = join(node.keys.directory, 'wrong')
  writeFileSync(right, 'correct horse\n')
  writeFileSync(wrong, 'battery staple\n')
  expect((await run(node, ['keys:seal'])).text).toContain('KEY_PASSPHRASE_FILE')
  const sealed = await run(node, ['keys:seal'], { KEY_PASSPHRASE_FILE: right })
  expect(sealed).toMatchObject({ code: 0, text: expect.stringContaining(keyFileName('tlog')) })
  expect(readFileSync(join(node.keys.directory, keyFileName('tlog')), 'utf8')).toContain('ciphertext')
  expect(await run(node, ['keys:seal'], { KEY_PASSPHRASE_FILE: right })).toEqual({
    code: 0,
    text: 'nothing to seal',
  })
  expect(await run(node, ['keys:seal'], { KEY_PASSPHRASE_FILE: wrong })).toMatchObject({
    code: 2,
    text: expect.stringMatching(/federation\.jwk\.json .*does not open it/),
  })
})

/** What a lease of a life that the database has lost left behind. */
async function journalAhead(directory: string): Promise<void> {
  const journal = await openJournal({
    directory,
    entityId: 'https://p1.example',
    ambient: systemAmbient(),
    onFailure: (error) => expect.unreachable(error.message),
  })
  await journal.lease({ rangeId: '019ab000-0000-7000-8000-000000000001', upTo: 16 })
  await journal.close()
}

test('no step is taken in a database that was put back, and what stands in it can be read', async () => {
  await using node = await createKeysNode()
  await node.open()
  const kid = node.keys.signer('issuing').kid
  await journalAhead(join(node.keys.directory, 'journal'))
  const before = [await node.states(), await node.entries()]
  for (const argv of [
    ['keys:announce', '--purpose', 'issuing'],
    ['keys:activate', '--kid', kid],
    ['keys:retire', '--kid', kid],
    ['keys:compromised', '--kid', kid, '--since', '2026-01-01T00:00:00Z'],
  ])
    expect(await run(node, argv)).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^restore-refused: the database is older than its journal/m),
    })
  expect([await node.states(), await node.entries()]).toEqual(before)
  expect(await run(node, ['keys:list'])).toMatchObject({ code: 0 })
})

test('a command needs the journal that it is held against', async () => {
  await using node = await createKeysNode()
  await node.open()
  expect(await run(node, ['keys:announce', '--purpose', 'issuing'], { JOURNAL_DIR: '' })).toMatchObject({
    code: 2,
    text: expect.stringContaining('JOURNAL_DIR'),
  })
})

describe('first keys', () => {
  async function open(node: KeysNode) {
    const base = await openNodeBase<IssuerTables>({
      service: 'test',
      entityId: 'https://p1.example',
      databaseUrl: node.database.appUrl,
      databaseConnections: 2,
      keysDir: node.keys.directory,
      journalDir: join(node.keys.directory, 'journal'),
      endorsedBy: 'root',
      migrations: [],
      ambient: systemAmbient(),
      log: createLog({ level: 'silent', service: 'test' }),
    })
    await base.close()
  }

  test('are taken into use beside a journal that has seen no more, and not again', async () => {
    await using node = await createKeysNode()
    await open(node)
    await open(node)
    expect(await node.states()).toEqual([
      'federation active',
      'issuing active',
      'status active',
      'tlog active',
    ])
    expect(await node.entries()).toHaveLength(4)
  })

  test('are not taken into use in a database that was put back to before there were any', async () => {
    await using node = await createKeysNode()
    await journalAhead(join(node.keys.directory, 'journal'))
    await expect(open(node)).rejects.toThrow(/no first keys are taken into use here: .* see restore:check/)
    expect([await node.states(), await node.entries()]).toEqual([[], []])
  })

  test('are those of one of two processes that start at once', async () => {
    await using node = await createKeysNode()
    await Promise.all([open(node), open(node)])
    expect(await node.entries()).toHaveLength(4)
  })
})
