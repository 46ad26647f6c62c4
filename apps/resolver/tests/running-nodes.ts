import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { parseStrictJson } from '@arc3088/records'
import {
  createMemorySigner,
  generateSigningKey,
  signRootKeySet,
  type ShownProposal,
  type KeyPurpose,
  type Signer,
} from '@arc3088/records'
import {
  createTestDatabase,
  freePort,
  waitFor,
  createTestOfficers,
  type TestOfficers,
} from '@arc3088/testkit'
import { pinAnchor, type PinnedAnchor } from '@arc3088/trust'

import { runNode, startNode, type NodeProcess } from './node-process.ts'

/** A real node with its own database, keys and desk. */
export interface RunningNode extends AsyncDisposable {
  readonly url: string
  readonly node: NodeProcess
  readonly signers: ReadonlyMap<KeyPurpose, Signer>
  /** Tokens of the operators, in the order of the roles asked for. */
  readonly tokens: readonly string[]
  /** Starts the same node again as another entity, at that address, over its database, keys and journal. */
  moveTo(url: string): Promise<void>
  /** Has another key sign status from now on, as an operator does whose key may be in other hands. */
  replaceStatusKey(): Promise<void>
}

/** The root, and what a verifier pins of it. */
export interface RunningRoot extends RunningNode {
  /** Witnesses that its log is held to, once there are as many. */
  readonly logQuorum: number
  readonly officers: TestOfficers
  readonly anchor: PinnedAnchor
  readonly anchorText: string
}

interface NodeHome extends Disposable {
  readonly directory: string
  readonly signers: ReadonlyMap<KeyPurpose, Signer>
  write(name: string, text: string): string
}

async function createHome(purposes: readonly KeyPurpose[]): Promise<NodeHome> {
  const directory = mkdtempSync(join(tmpdir(), 'arc3088-resolver-'))
  const write = (name: string, text: string): string => {
    const path = join(directory, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const signers = new Map<KeyPurpose, Signer>()
  for (const purpose of purposes) {
    const alg = purpose === 'tlog' ? 'Ed25519' : 'ES256'
    const { privateJwk } = await generateSigningKey(alg)
    write(`${purpose}.jwk.json`, JSON.stringify(privateJwk))
    signers.set(purpose, await createMemorySigner({ alg, privateJwk }))
  }
  return {
    directory,
    signers,
    write,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  }
}

export function signerOf(signers: ReadonlyMap<KeyPurpose, Signer>, purpose: KeyPurpose): Signer {
  const signer = signers.get(purpose)
  if (signer === undefined) throw new Error(`no ${purpose} key was made`)
  return signer
}

async function startWithDatabase(
  app: 'root' | 'provider',
  url: string,
  home: NodeHome,
  { desk, ...env }: { desk: readonly string[] } & Record<string, string | readonly string[]>,
): Promise<RunningNode> {
  // The node migrates its own database: no app's tables are known here.
  const database = await createTestDatabase({
    template: `resolver_${app}`,
    migrate: (_, ownerUrl) => runNode(app, ['migrate'], { MIGRATION_DATABASE_URL: ownerUrl }),
  })
  const environment = {
    PORT: new URL(url).port,
    HOST: '127.0.0.1',
    ENTITY_ID: url,
    DATABASE_URL: database.appUrl,
    KEYS_DIR: home.directory,
    JOURNAL_DIR: join(home.directory, 'journal'),
    ALLOW_LOOPBACK_HTTP: 'true',
    LOG_LEVEL: 'warn',
    ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
  }
  const tokens = (await runNode(app, desk, environment)).trim().split('\n')
  let node = await startNode(app, url, environment)
  return {
    url,
    get node() {
      return node
    },
    signers: home.signers,
    tokens,
    async moveTo(to) {
      await node.stop()
      const moved = { ...environment, PORT: new URL(to).port, ENTITY_ID: to }
      node = await startNode(app, to, moved)
    },
    async replaceStatusKey() {
      const { kid } = signerOf(home.signers, 'status')
      const since = new Date().toISOString()
      await runNode(app, ['keys:compromised', '--kid', kid, '--since', since], environment)
      const listed = await runNode(app, ['keys:list'], environment)
      const [, successor] = /^status announced (\S+)/m.exec(listed) ?? []
      if (successor === undefined) throw new Error(`no status key was announced: ${listed}`)
      // Refused until the announcement is witnessed.
      const activate = () => runNode(app, ['keys:activate', '--kid', successor], environment)
      await waitFor(activate, { what: 'the new status key' })
      // The node follows its database by the second, and signs no status meanwhile.
      const isAtWork = async () => {
        const { status_lists: lists } = (await (await fetch(`${url}/status`)).json()) as {
          status_lists: string[]
        }
        const signedLists = await Promise.all(lists.map(async (list) => await (await fetch(list)).text()))
        return signedLists.every((token) =>
          Buffer.from(token.split('.')[0] ?? '', 'base64url').includes(successor),
        )
      }
      await waitFor(isAtWork, { what: 'the new status key at work' })
    },
    async [Symbol.asyncDispose]() {
      await node.stop()
      await database.drop()
      home[Symbol.dispose]()
    },
  }
}

/** Starts a root in a process of its own, with three officers of whom two decide. */
export async function startRoot({ logQuorum = 1 }: { logQuorum?: number } = {}): Promise<RunningRoot> {
  const url = `http://127.0.0.1:${await freePort()}`
  const home = await createHome(['root', 'federation', 'issuing', 'status', 'tlog'])
  const [root, federation] = [signerOf(home.signers, 'root'), signerOf(home.signers, 'federation')]
  const nbf = Math.floor(Date.now() / 1000) - 60
  const set = await signRootKeySet([root], {
    iss: url,
    seq: 1,
    prev: null,
    threshold: 1,
    root_keys: [root.publicJwk],
    keys: { federation: [federation.publicJwk] },
    nbf,
    exp: nbf + 365 * 86_400,
  })
  const anchorText = JSON.stringify(set)
  const anchor = pinAnchor(anchorText)
  if ('kind' in anchor) throw new Error(anchor.detail)
  const officers = await createTestOfficers()
  const running = await startWithDatabase('root', url, home, {
    desk: officers.command,
    LOG_QUORUM: String(logQuorum),
    ROOT_KEY_SETS_FILE: home.write('key-sets.json', `[${anchorText}]`),
  })
  return { ...running, logQuorum, officers, anchor, anchorText }
}

/** Starts a provider without a code, in a process of its own, with a reviewer. */
export async function startProvider(root: RunningRoot): Promise<RunningNode> {
  const url = `http://127.0.0.1:${await freePort()}`
  const home = await createHome(['federation', 'issuing', 'status', 'tlog'])
  return await startWithDatabase('provider', url, home, {
    desk: ['operator:create', '--role', 'reviewer', '--name', 'rita'],
    ROOT_URL: root.url,
    TRUST_ANCHOR_FILE: home.write('anchor.json', root.anchorText),
    ORGANIZATION_NAME: 'Company A',
  })
}

/** Asks a node as somebody; throws, with the answer, for anything but success. */
export async function ask(
  url: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Record<string, unknown>> {
  const isText = typeof body === 'string'
  const response = await fetch(url, {
    ...(body === undefined ? {} : { method: 'POST', body: isText ? body : JSON.stringify(body) }),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`)
  return { ...(parseStrictJson(text) as object) }
}

/** Has what the first officer proposed signed by her and approved by the second; answers what it led to. */
export async function decide(
  root: RunningRoot,
  proposal: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const shown = proposal as unknown as ShownProposal & { readonly hash: string }
  const [ann = '', bo = ''] = root.tokens
  const path = `${root.url}/v1/desk/proposals/${shown.id}`
  const { hash } = shown
  await ask(`${path}/sign`, {
    token: ann,
    body: { hash, signature: await root.officers.sign('ann', shown) },
  })
  const approval = await ask(`${path}/approve`, {
    token: bo,
    body: { hash, reason: 'agreed', signature: await root.officers.sign('bo', shown) },
    headers: { 'idempotency-key': shown.id },
  })
  return { ...(approval['outcome'] as object) }
}
