import { cosigningVkey, witnessUrl } from '@arc3088/issuer'
import { asProviderNumber, buildProviderPrefix, formatSegment } from '@arc3088/codec'
import {
  signSubordinateStatement,
  statusClaim,
  SUBORDINATE_STATEMENT_LIFETIME_SECONDS,
  PROVIDER_ENTITY_TYPE,
  type CompactJws,
  type LogMetadata,
  type OwnLog,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'

import type { RootDeps } from '../deps.ts'
import type { Predecessor, ProviderLife } from './provider-life.ts'
import { prefixOf } from './provider-lives.ts'
import { statesOf } from './states-of.ts'

/** As many as the metadata of a log can name; the active key is the first. */
const WITNESS_KEYS_MAX = 16

/** A statement to be signed: about which entity of which provider, and who serves in its place. */
export interface StatementSubject {
  /** What verified acts made of the provider. */
  readonly life: ProviderLife
  readonly sub: string
  /** The entity that serves now, where that is not `sub`: a new one after a move, or a custodian's node. */
  readonly operator: Pick<ProviderLife, 'entityId' | 'federationKeys'> | undefined
  /** Entities whose records count for their terms. */
  readonly predecessors: readonly Predecessor[]
}

/** Who serves for an entity that is or was a provider. */
export function statementSubject(life: ProviderLife, sub: string = life.foundedAs): StatementSubject {
  const { predecessors } = life
  return { life, sub, operator: life.entityId === sub ? undefined : life, predecessors }
}

/**
 * Signs what the root says of a provider (wire-format W2): its keys, its code, its state. Lives seven days, so
 * that providers and their codes go on being verified while the root is down.
 */
export async function signStatementAbout(
  deps: RootDeps,
  { life: provider, sub, operator, predecessors }: StatementSubject,
): Promise<CompactJws> {
  const { ambient, entityId, keys } = deps.node
  const iat = numericDate(ambient.now())
  const { list, index } = provider.statementPlace
  const prefix = buildProviderPrefix({ prefix: deps.prefix, provider: asProviderNumber(provider.code) })
  return await signSubordinateStatement(keys.active('federation'), {
    iss: entityId,
    sub,
    iat,
    exp: iat + SUBORDINATE_STATEMENT_LIFETIME_SECONDS,
    jwks: { keys: [...provider.federationKeys] },
    metadata: {
      [PROVIDER_ENTITY_TYPE]: {
        provider_code: formatSegment(provider.code),
        code_prefix: prefix.text,
        territory: provider.territory,
        kind: provider.kind,
        state: provider.state,
        states: statesOf(provider),
        ...(provider.isInCustody && provider.custodian !== undefined
          ? { custodian: prefixOf(deps.prefix, provider.custodian) }
          : {}),
        ...(operator === undefined
          ? {}
          : { operator: { entity_id: operator.entityId, jwks: { keys: [...operator.federationKeys] } } }),
        ...(predecessors.length === 0 ? {} : { predecessors: [...predecessors] }),
        ...(provider.log === undefined ? {} : { tlog: witnessedByRoot(deps, provider.log) }),
      },
    },
    constraints: { max_path_length: 0, allowed_entity_types: [PROVIDER_ENTITY_TYPE] },
    status: statusClaim(deps.issuing.statusListUri(list), index),
  })
}

/**
 * A provider's log is witnessed by the root, which watches every one; its cosignature is what verifiers ask for (W2). The
 * keys that cosigned before are named too, for the checkpoints that are kept, and the next one before its first use:
 * verifiers may hold this statement for days.
 */
function witnessedByRoot({ node, witnessing }: RootDeps, log: OwnLog): LogMetadata {
  const url = witnessUrl(node.entityId)
  const witnesses = node.keys
    .published('tlog')
    .slice(0, WITNESS_KEYS_MAX)
    .map((jwk) => ({ vkey: cosigningVkey(node.entityId, jwk), url }))
  return { ...log, witnesses, quorum: witnessing.quorumBelow() }
}
