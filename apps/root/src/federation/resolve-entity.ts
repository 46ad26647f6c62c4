import { RegistryError } from '@arc3088/problems'
import {
  MEDIA_TYPE,
  readRootKeySet,
  readSubordinateStatement,
  signResolveResponse,
  STATEMENT_BYTES_MAX,
  timeFault,
  type CompactJws,
  type EntityConfiguration,
  ResolveResponse,
  type SubordinateStatement,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { arrangeChain, createFindings, readAuthorities, servingEntity, verifyChain } from '@arc3088/trust'

import type { RootDeps } from '../deps.ts'
import type { StatementCache } from './statement-cache.ts'

/** What a resolution is made from. */
export interface ResolutionParts {
  readonly deps: RootDeps
  readonly statements: StatementCache
  readonly selfDescription: () => Promise<CompactJws>
}

/** Who is asked about, and in which of its roles; all of them where none is named. */
export interface ResolutionQuestion {
  readonly sub: string
  readonly entityTypes: readonly string[] | undefined
}

/** A signed resolution, and until when it holds (NumericDate). */
export interface Resolved {
  readonly response: CompactJws
  readonly exp: number
}

type Metadata = ResolveResponse['metadata']

/**
 * Resolves an entity below this root (OpenID Federation 1.0 section 8.3): fetches its configuration, through the guarded
 * door and from no address but the one it was assigned with, and says what holds of it with the root's word in force.
 *
 * @throws RegistryError `entity-unknown`, `trust-chain-invalid`, `service-unavailable`.
 */
export async function resolveEntity(
  parts: ResolutionParts,
  { sub, entityTypes }: ResolutionQuestion,
): Promise<Resolved> {
  const { deps, statements, selfDescription } = parts
  const own = await selfDescription()
  if (sub === deps.node.entityId) return await sign(deps, { sub, entityTypes }, [own])
  const statement = await statements.about(sub)
  if (statement === undefined)
    throw new RegistryError('entity-unknown', 'No provider was ever assigned to this entity')
  demandServing(statement, sub)
  return await sign(deps, { sub, entityTypes }, [await fetchConfiguration(deps, sub), statement, own])
}

/** Where another entity serves now, the one asked about is asked nothing. */
function demandServing(statement: CompactJws, sub: string): void {
  const read = readSubordinateStatement(statement)
  if (read.kind === 'rejected') throw new Error(`An own statement does not read: ${read.detail}`)
  const { entityId } = servingEntity(read.claims)
  if (entityId !== sub)
    throw new RegistryError('trust-chain-invalid', `${entityId} serves in the place of ${sub}`)
}

async function fetchConfiguration(deps: RootDeps, entityId: string): Promise<string> {
  try {
    const { status, body } = await deps.door.fetch({
      url: `${entityId}/.well-known/openid-federation`,
      headers: { accept: MEDIA_TYPE.entityStatement },
      bytesMax: STATEMENT_BYTES_MAX,
    })
    if (status !== 200) throw new RegistryError('upstream-unreachable', `${entityId} answers ${status}`)
    return body
  } catch (cause) {
    if (!(cause instanceof RegistryError)) throw cause
    throw new RegistryError('service-unavailable', `${entityId} does not serve its configuration`, {
      cause,
      extra: { retry_after_seconds: 5 },
    })
  }
}

async function sign(
  deps: RootDeps,
  { sub, entityTypes }: ResolutionQuestion,
  chain: readonly string[],
): Promise<Resolved> {
  const { ambient, entityId, keys } = deps.node
  const iat = numericDate(ambient.now())
  const { metadata, exp } = await judgeChain(deps, { chain, at: iat })
  const response = await signResolveResponse(keys.active('federation'), {
    iss: entityId,
    sub,
    iat,
    exp,
    metadata: Object.fromEntries(
      Object.entries(metadata).filter(([type]) => entityTypes?.includes(type) ?? true),
    ),
    trust_chain: [...chain],
  })
  return { response, exp }
}

/** Walks the chain as any stranger would, from the key set in force down. */
async function judgeChain(
  deps: RootDeps,
  { chain, at }: { chain: readonly string[]; at: number },
): Promise<{ metadata: Metadata; exp: number }> {
  const refuse = (detail: string) => new RegistryError('trust-chain-invalid', detail)
  const anchor = deps.rootKeySets.at(-1)
  const keySet = anchor === undefined ? undefined : readRootKeySet(anchor)
  if (keySet?.kind !== 'read') throw new Error('The key set of this root does not read')
  const arranged = arrangeChain(chain, deps.node.entityId)
  if ('verdict' in arranged) throw refuse(`${arranged.code}: ${arranged.detail}`)
  const { leaf, statement, root } = arranged
  const findings = createFindings()
  if (!(await verifyChain(arranged, keySet.claims, findings))) {
    const [first] = findings.all
    throw refuse(`${first?.code ?? 'chain-invalid'}: ${first?.detail ?? 'the chain does not hold'}`)
  }
  const authorities = readAuthorities(arranged)
  if ('verdict' in authorities) throw refuse(`${authorities.code}: ${authorities.detail}`)
  const links = [leaf, statement, root].flatMap((link) => (link === undefined ? [] : [link.claims]))
  for (const { iss, iat, exp } of links) {
    const fault = timeFault({ iat, exp }, at)
    if (fault !== undefined) throw refuse(`the statement of ${iss} is ${fault}`)
  }
  const self = leaf ?? root
  if (self === undefined) throw refuse('there is no configuration')
  return {
    metadata: metadataOf(self.claims, statement?.claims),
    exp: Math.min(keySet.claims.exp, ...links.map(({ exp }) => exp)),
  }
}

/** What the entity says of itself, with the root's word over it (OpenID Federation 1.0 section 6.1.4.2). */
function metadataOf(
  configuration: EntityConfiguration,
  statement: SubordinateStatement | undefined,
): Metadata {
  const own = asMetadata(configuration.metadata)
  if (statement === undefined) return own
  const word = asMetadata(statement.metadata)
  const merged: Metadata = { ...own }
  for (const [type, said] of Object.entries(word)) merged[type] = { ...own[type], ...said }
  return merged
}

function asMetadata(value: object): Metadata {
  return ResolveResponse.shape.metadata.parse(JSON.parse(JSON.stringify(value)))
}
