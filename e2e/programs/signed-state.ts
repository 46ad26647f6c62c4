type Claims = Readonly<Record<string, unknown>>

/** Members that say when a document was made, and nothing of what the authority decided. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set(['iat', 'exp', 'jti'])
const RECOGNITION_LIST = '/v1/recognition-list'
const STATEMENT = 'application/entity-statement+jwt'

/** Whom the root is asked about. */
export interface Subjects {
  readonly entities: readonly string[]
  readonly codes: readonly string[]
  readonly agreement: string
}

/**
 * Everything that a root signs about these subjects now, by where it stands: the claims of each document without its dates,
 * or, where it signs nothing, its status. What it signed once for all is compared as it is.
 */
export async function signedState(url: string, { entities, codes, agreement }: Subjects): Promise<Claims> {
  const statements = entities.map((each) => `/federation/fetch?sub=${encodeURIComponent(each)}`)
  const lists = ['/v1/directory', RECOGNITION_LIST, '/v1/advisories', '/v1/certifiers', '/v1/scenarios']
  const { status_lists: statusLists = [] } = (await (await fetch(`${url}/status`)).json()) as {
    status_lists?: string[]
  }
  const signed = [...statements, '/.well-known/openid-federation', ...lists]
  const places = [
    ...signed,
    ...statusLists.map((each) => each.replace(url, '').replace(/^https?:\/\/[^/]+/, '')),
  ]
  const documents = places.map(async (path) => [path, await claimsAt(url, path)] as const)
  const kept = [
    '/v1/officer-sets',
    `/v1/agreements/${agreement}`,
    `/v1/agreements/${agreement}/events`,
    ...codes.map((code) => `/v1/codes/${code}`),
  ]
  const texts = kept.map(async (path) => [path, await textAt(url, path)] as const)
  return Object.fromEntries(await Promise.all([...documents, ...texts]))
}

async function claimsAt(url: string, path: string): Promise<unknown> {
  const response = await fetch(`${url}${path}`, { headers: { accept: acceptFor(path) } })
  const text = await response.text()
  if (response.status !== 200) return response.status
  const [, payload = ''] = text.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims
  if (path === RECOGNITION_LIST) return withoutOthersWord(claims)
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !OF_THE_MOMENT.has(name)))
}

/** Who witnesses the log of another root is that one's own word, and a list that tells it anew has another number. */
function withoutOthersWord({ iss, ttl, entries }: Claims): Claims {
  const told = (entries as Claims[]).map((entry) => ({ ...entry, tlog: undefined }))
  return { iss, ttl, entries: told }
}

function acceptFor(path: string): string {
  return path.includes('federation') ? STATEMENT : '*/*'
}

async function textAt(url: string, path: string): Promise<unknown> {
  const accept = path.startsWith('/v1/codes/') ? 'application/agent-code-assignment+jwt' : '*/*'
  const response = await fetch(`${url}${path}`, { headers: { accept } })
  const text = await response.text()
  return response.status === 200 ? text : response.status
}
