import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { activateKey, createFileKeyDriver, issuerTables, readKeys } from '@arc3088/issuer'
import { readAssignmentRecord } from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import { waitFor } from '@arc3088/testkit'
import { pinAnchor, verifyEvidence } from '@arc3088/trust'
import { describe, expect, test } from 'vitest'

import { openToken } from '../src/keys/token.ts'
import { nodeProcess } from './node-process.ts'
import { verifiedRequester } from './requester-acts.ts'
import { createSoftToken, SOFTHSMS } from './softhsm.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

/** What a command printed, and how it ended. */
async function run(
  root: RootProcess,
  provider: TestProvider,
  environment: Readonly<Record<string, string>>,
  ...args: string[]
) {
  const anchorFile = join(provider.keysDirectory, 'anchor.json')
  writeFileSync(anchorFile, root.anchorText)
  const node = nodeProcess('provider', {
    PORT: '0',
    ALLOW_LOOPBACK_HTTP: 'true',
    ENTITY_ID: provider.url,
    DATABASE_URL: provider.database.appUrl,
    KEYS_DIR: provider.keysDirectory,
    JOURNAL_DIR: join(provider.keysDirectory, 'journal'),
    ROOT_URL: root.url,
    TRUST_ANCHOR_FILE: anchorFile,
    ...environment,
  })
  return await node.run(...args).then(
    (text) => ({ code: 0 as unknown, text }),
    (error: { code?: unknown; stdout?: unknown }) => ({ code: error.code, text: String(error.stdout) }),
  )
}

test.each([
  ['without its PIN', { PKCS11_MODULE: '/x.so', PKCS11_TOKEN_LABEL: 'x' }, 'PKCS11_PIN_FILE: is missing'],
  [
    'with a file that is not there',
    { PKCS11_MODULE: '/x.so', PKCS11_TOKEN_LABEL: 'x', PKCS11_PIN_FILE: '/nowhere/pin' },
    'PKCS11_PIN_FILE: /nowhere/pin cannot be read',
  ],
])(
  'a token %s is a fault of the configuration, of the node as of its commands',
  async (_, environment, fault) => {
    await using root = await startRootProcess()
    await using provider = await startTestProvider(root)
    for (const command of ['serve', 'keys:list'])
      expect(await run(root, provider, environment, command)).toMatchObject({
        code: 2,
        text: expect.stringContaining(fault),
      })
  },
)

test('a key is made in no token where none is configured', async () => {
  await using root = await startRootProcess()
  await using provider = await startTestProvider(root)
  const announced = await run(
    root,
    provider,
    {},
    'keys:announce',
    '--purpose',
    'issuing',
    '--driver',
    'pkcs11',
  )
  expect(announced).toMatchObject({ code: 2, text: expect.stringContaining('--driver pkcs11: one of file') })
})

/** Where SoftHSM is not installed there is nothing more to hold a node to. */
describe.each(SOFTHSMS)('with %s', (library) => {
  test('a provider announces, activates and signs with an issuing key that never leaves its token', async () => {
    using token = createSoftToken(library)
    await using root = await startRootProcess({ logQuorum: 1 })
    await using provider = await startTestProvider(root, {}, { token: token.settings })
    await provider.appoint('7')
    const announce = ['keys:announce', '--purpose', 'issuing', '--driver', 'pkcs11']
    const announced = await run(root, provider, token.environment, ...announce)
    expect(announced).toMatchObject({ code: 0 })
    const kid = /announced: issuing announced (\S+)/.exec(announced.text)?.[1] ?? ''
    expect((await run(root, provider, token.environment, ...announce)).text).toContain(
      `waiting already: issuing announced ${kid}`,
    )

    const db = issuerTables(provider.database.db)
    const { tlog, keys } = provider.running().deps.node
    const files = createFileKeyDriver({ directory: provider.keysDirectory }, systemAmbient().randomBytes)
    const tokens = await openToken(token.settings)
    if (tokens === undefined) throw new Error('no token was opened')
    const parts = {
      db,
      ambient: systemAmbient(),
      entityId: provider.url,
      drivers: new Map([files, tokens].map((each) => [each.scheme, each])),
      driver: tokens,
      endorsedBy: 'root' as const,
    }
    const activate = async () =>
      await activateKey(parts, tlog, { kid, overlapSeconds: 0, actor: 'tester', reason: null }).then(
        () => true,
        () => false,
      )
    await waitFor(activate, { what: 'the activation' })
    expect((await readKeys(db)).find((key) => key.kid === kid)).toMatchObject({
      ref: `pkcs11:${kid}`,
      state: 'active',
    })
    await keys.refresh()
    expect(keys.active('issuing').kid).toBe(kid)

    const { code } = await verifiedRequester(provider)
    const accept = 'application/agent-code-assignment+jwt'
    const read = readAssignmentRecord((await provider.anyone.get(`/v1/codes/${code}`, { accept })).text)
    expect(read).toMatchObject({ kind: 'read', kid })
    const anchor = pinAnchor(root.anchorText)
    if ('kind' in anchor) throw new Error(anchor.detail)
    const verdict = async () => {
      const { body } = await provider.anyone.get(`/v1/codes/${code}`)
      const at = Math.floor(Date.now() / 1000)
      return (await verifyEvidence({ code, bundle: body, anchor, at })).verdict
    }
    await waitFor(async () => (await verdict()) === 'valid', { what: 'a stranger to believe it' })
    // A node that has the token starts with it; one that has not, or another PIN, says what is missing.
    await provider.restart()
    expect(provider.running().deps.node.keys.active('issuing').kid).toBe(kid)
    const wrong = { ...token.environment, PKCS11_PIN_FILE: token.wrongPinFile }
    expect(await run(root, provider, wrong, 'serve')).toMatchObject({
      code: 2,
      text: expect.stringContaining('pin-refused'),
    })
    expect(await run(root, provider, {}, 'serve')).not.toMatchObject({ code: 0 })
  })
})
