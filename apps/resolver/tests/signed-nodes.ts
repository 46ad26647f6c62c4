import { parseSubject, readRootPrefix, type RootPrefix, type Subject } from '@arc3088/codec'
import {
  codeAssignmentOf,
  createMemorySigner,
  generateSigningKey,
  MEDIA_TYPE,
  packStatusList,
  signAssignmentRecord,
  signEntityConfiguration,
  signRootKeySet,
  signStatusListToken,
  signSubordinateStatement,
  STATUS_BITS,
  type KeyPurpose,
  type RootKeySetJws,
  type Signer,
} from '@arc3088/records'
import { listen, systemAmbient } from '@arc3088/service'
import { freePort } from '@arc3088/testkit'

/** What a node answers at a path: text with its media type; undefined is 404. */
export type Page = { readonly mediaType: string; readonly body: string } | undefined

/** An entity that signs documents and serves them over real HTTP, with no registry behind them. */
export interface SignedNode extends AsyncDisposable {
  readonly url: string
  readonly signer: (purpose: KeyPurpose) => Signer
  /** Paths with their query that were asked for, oldest first. */
  readonly asked: readonly string[]
  serve(path: string, page: () => Page | Promise<Page>): void
  /** Answers 503 from now on, or no longer. */
  setSilent(isSilent: boolean): void
}

const PURPOSES: readonly KeyPurpose[] = ['root', 'federation', 'issuing', 'status']

export const seconds = (): number => Math.floor(Date.now() / 1000)

/** Starts a node with keys of every purpose, which serves nothing yet. */
export async function startSignedNode(): Promise<SignedNode> {
  const signers = new Map<KeyPurpose, Signer>()
  for (const purpose of PURPOSES) {
    const { privateJwk } = await generateSigningKey('ES256')
    signers.set(purpose, await createMemorySigner({ alg: 'ES256', privateJwk }))
  }
  const pages = new Map<string, () => Page | Promise<Page>>()
  const asked: string[] = []
  let isSilent = false
  const port = await freePort()
  const listener = await listen(
    async (request) => {
      const { pathname, search } = new URL(request.url)
      const path = decodeURIComponent(pathname) + search
      asked.push(path)
      const page = isSilent ? undefined : await pages.get(path)?.()
      if (page === undefined) return new Response('', { status: isSilent ? 503 : 404 })
      return new Response(page.body, { headers: { 'content-type': page.mediaType } })
    },
    { host: '127.0.0.1', port },
  )
  return {
    url: `http://127.0.0.1:${port}`,
    signer(purpose) {
      const signer = signers.get(purpose)
      if (signer === undefined) throw new Error(`no ${purpose} key was made`)
      return signer
    },
    asked,
    serve: (path, page) => void pages.set(path, page),
    setSilent: (silent) => void (isSilent = silent),
    [Symbol.asyncDispose]: () => listener.stop(0),
  }
}

export function rootPrefix(text: string): RootPrefix {
  const prefix = readRootPrefix(text)
  if (typeof prefix !== 'string') throw new Error(`${text} is no root prefix`)
  return prefix
}

/** Makes a node a root (W1): key set 1 and a configuration, which has what `also` adds. Answers the key set. */
export async function makeRoot(
  node: SignedNode,
  codePrefix: string,
  also: { recognition_list_uri?: string } = {},
): Promise<RootKeySetJws> {
  const { url, signer } = node
  const jwks = { keys: [signer('federation').publicJwk] }
  const nbf = seconds() - 3600
  const set = await signRootKeySet([signer('root')], {
    iss: url,
    seq: 1,
    prev: null,
    threshold: 1,
    root_keys: [signer('root').publicJwk],
    keys: { federation: jwks.keys },
    nbf,
    exp: nbf + 86_400 * 300,
  })
  node.serve('/.well-known/agent-code-root-keys', () => ({
    mediaType: MEDIA_TYPE.rootKeySet,
    body: JSON.stringify([set]),
  }))
  node.serve('/.well-known/openid-federation', async () => ({
    mediaType: MEDIA_TYPE.entityStatement,
    body: await signEntityConfiguration(signer('federation'), {
      iss: url,
      sub: url,
      iat: seconds() - 1,
      exp: seconds() + 86_000,
      jwks,
      metadata: {
        federation_entity: { federation_fetch_endpoint: `${url}/federation/fetch` },
        agent_code_root: {
          code_prefix: codePrefix,
          scheme_versions: ['1'],
          issuing_jwks: { keys: [signer('issuing').publicJwk] },
          status_jwks: { keys: [signer('status').publicJwk] },
          code_resolution_uri: `${url}/v1/codes/{code}`,
          ...also,
        },
      },
    }),
  }))
  serveStatusList(node)
  return set
}

/** Makes a node the provider of a code prefix below a root (W2). `grants` is what the root says, where it says else. */
export async function makeProvider(
  root: SignedNode,
  node: SignedNode,
  code: Subject,
  { grants = code.text }: { grants?: string } = {},
): Promise<void> {
  const jwks = { keys: [node.signer('federation').publicJwk] }
  root.serve(`/federation/fetch?sub=${encodeURIComponent(node.url)}`, async () => ({
    mediaType: MEDIA_TYPE.entityStatement,
    body: await signSubordinateStatement(root.signer('federation'), {
      iss: root.url,
      sub: node.url,
      iat: seconds() - 1,
      exp: seconds() + 86_400,
      jwks,
      metadata: {
        agent_code_provider: {
          provider_code: '1',
          code_prefix: grants,
          territory: 'SG',
          kind: 'domestic',
          state: 'active',
        },
      },
      constraints: { max_path_length: 0, allowed_entity_types: ['agent_code_provider'] },
      status: { status_list: { uri: `${root.url}/status/0`, idx: 1 } },
    }),
  }))
  node.serve('/.well-known/openid-federation', async () => ({
    mediaType: MEDIA_TYPE.entityStatement,
    body: await signEntityConfiguration(node.signer('federation'), {
      iss: node.url,
      sub: node.url,
      iat: seconds() - 1,
      exp: seconds() + 86_000,
      jwks,
      authority_hints: [root.url],
      metadata: {
        agent_code_provider: {
          issuing_jwks: { keys: [node.signer('issuing').publicJwk] },
          status_jwks: { keys: [node.signer('status').publicJwk] },
          code_resolution_uri: `${node.url}/v1/codes/{code}`,
        },
      },
    }),
  }))
  await serveRecord(root, code, {
    entity_id: node.url,
    organization: { name: '海外公司', name_en: 'Overseas Company', country: 'SG' },
  })
  serveStatusList(node)
}

const newId = () => systemAmbient().newId()

/** Serves the record of a code, signed once, an hour old unless said otherwise. */
export async function serveRecord(
  node: SignedNode,
  subject: Subject,
  also: object = {},
  { iat = seconds() - 3600 }: { iat?: number } = {},
): Promise<void> {
  const record = await signAssignmentRecord(node.signer('issuing'), {
    iss: node.url,
    sub: subject.text,
    iat,
    jti: newId(),
    code_assignment: { ...codeAssignmentOf(subject), ...also },
    status: { status_list: { uri: `${node.url}/status/0`, idx: 2 + subject.text.length } },
  })
  node.serve(`/v1/codes/${subject.text}`, () => ({ mediaType: MEDIA_TYPE.assignmentRecord, body: record }))
}

function serveStatusList(node: SignedNode): void {
  node.serve('/status/0', async () => ({
    mediaType: MEDIA_TYPE.statusListToken,
    body: await signStatusListToken(node.signer('status'), {
      iss: node.url,
      sub: `${node.url}/status/0`,
      iat: seconds() - 1,
      exp: seconds() + 3600,
      ttl: 60,
      status_list: { bits: STATUS_BITS, lst: await packStatusList([]) },
    }),
  }))
}

/** The codes of one agent below a prefix, from the provider's down. */
export function agentBelow(prefix: string): readonly [Subject, Subject, Subject, Subject] {
  const read = (rest: string) => parseSubject(`${prefix}.1.${rest}`, { prefixes: [rootPrefix(prefix)] })
  return [read('1'), read('1.34C2'), read('1.34C2.478BDF.0'), read('1.34C2.478BDF.3GF546')]
}
