import type {
  EntityConfiguration,
  Reading,
  Rejected,
  RootKeySet,
  SubordinateStatement,
} from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE, STATEMENT_BYTES_MAX, TYP, decodeCompact } from '@arc3088/records'

import type { DocumentReader } from './document-reader.ts'
import { createDocumentReader } from './document-reader.ts'
import { createEvidenceMemory } from './evidence-memory.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'

/** A chain taken apart: which statement stands where. What was not supplied is absent. */
export interface Chain {
  readonly leaf?: Link<EntityConfiguration>
  readonly statement?: Link<SubordinateStatement>
  readonly root?: Link<EntityConfiguration>
}

export interface Link<T> {
  readonly claims: T
  readonly kid: string
  readonly jws: string
}

type Statement =
  | ({ readonly kind: 'configuration' } & Link<EntityConfiguration>)
  | ({ readonly kind: 'subordinate' } & Link<SubordinateStatement>)

function claimOf(claims: unknown, name: 'iss' | 'sub'): unknown {
  return typeof claims === 'object' && claims !== null
    ? new Map<string, unknown>(Object.entries(claims)).get(name)
    : undefined
}

function linkOf<T>(reading: Reading<T>): Link<T> | Finding {
  if (reading.kind === 'rejected') return findingOf(reading, 'statement')
  return { claims: reading.claims, kid: reading.kid, jws: reading.jws }
}

/** What a text that was read before turned out to be. */
function knownStatement(text: string, { configurations, statements }: DocumentReader): Statement | undefined {
  const configuration = configurations.known(text)
  if (configuration?.kind === 'read') return { ...configuration, kind: 'configuration' }
  const subordinate = statements.known(text)
  return subordinate?.kind === 'read' ? { ...subordinate, kind: 'subordinate' } : undefined
}

/** Reads one statement: about itself it is a configuration, about another a subordinate statement. */
function readStatement(text: string, reader: DocumentReader): Statement | Finding {
  const known = knownStatement(text, reader)
  if (known !== undefined) return known
  const decoded = decodeCompact(text, { typ: TYP.entityStatement, bytesMax: STATEMENT_BYTES_MAX })
  if (decoded.kind === 'rejected') return findingOf(decoded, 'statement')
  if (claimOf(decoded.claims, 'iss') === claimOf(decoded.claims, 'sub')) {
    const link = linkOf(reader.configurations.read(text))
    return 'verdict' in link ? link : { kind: 'configuration', ...link }
  }
  const link = linkOf(reader.statements.read(text))
  return 'verdict' in link ? link : { kind: 'subordinate', ...link }
}

/** Puts the statements of a chain in their places: provider configuration, statement about it, root configuration. */
export function arrangeChain(
  texts: readonly string[],
  anchorId: string,
  reader: DocumentReader = createDocumentReader(createEvidenceMemory()),
): Chain | Finding {
  const statements: Statement[] = []
  for (const text of texts) {
    const statement = readStatement(text, reader)
    if ('verdict' in statement) return statement
    statements.push(statement)
  }
  const subordinates = statements.filter((each) => each.kind === 'subordinate')
  // A provider is a leaf right below the root (W2): whoever stands between was never let in by the root.
  if (subordinates.length > 1)
    return broken('path-too-long', 'a provider stands right below the root', anchorId)
  const [statement] = subordinates
  const place = statement === undefined ? -1 : statements.indexOf(statement)
  const others = statements.filter((each) => each.kind === 'configuration')
  const isAnchor = (each: Link<EntityConfiguration> | undefined) => each?.claims.iss === anchorId
  const [first, second] = others
  const misplaced = broken(
    'statement-out-of-position',
    'not configuration, statement, configuration',
    anchorId,
  )
  if (others.length > 2) return misplaced
  const arranged = (leaf?: Link<EntityConfiguration>, root?: Link<EntityConfiguration>): Chain => ({
    ...(leaf === undefined ? {} : { leaf }),
    ...(statement === undefined ? {} : { statement }),
    ...(root === undefined ? {} : { root }),
  })
  if (others.length === 2) return place === -1 || place === 1 ? arranged(first, second) : misplaced
  if (place === -1) return isAnchor(first) ? arranged(undefined, first) : arranged(first)
  return place === 0 ? arranged(undefined, first) : arranged(first)
}

/** The entity that acts for the provider now, and the federation keys the root names for it (W2, `operator`). */
export function servingEntity(statement: SubordinateStatement): {
  entityId: string
  keys: SubordinateStatement['jwks']['keys']
} {
  const { operator } = statement.metadata[PROVIDER_ENTITY_TYPE]
  return operator === undefined
    ? { entityId: statement.sub, keys: statement.jwks.keys }
    : { entityId: operator.entity_id, keys: operator.jwks.keys }
}

function linkFaults({ leaf, statement, root }: Chain, anchorId: string): Finding[] {
  const faults: Finding[] = []
  if (root !== undefined && root.claims.iss !== anchorId) {
    faults.push(broken('iss-wrong', `the chain ends at ${root.claims.iss}, not at the pinned root`, anchorId))
  }
  if (statement !== undefined && statement.claims.iss !== anchorId) {
    faults.push(
      broken('iss-wrong', `the statement is by ${statement.claims.iss}, not by the pinned root`, anchorId),
    )
  }
  if (leaf === undefined) return faults
  const leafId = leaf.claims.iss
  if (statement !== undefined && servingEntity(statement.claims).entityId !== leafId) {
    faults.push(broken('sub-wrong', `the root's statement is about ${statement.claims.sub}`, leafId))
  }
  if (leaf.claims.authority_hints?.includes(anchorId) !== true) {
    faults.push(
      broken('authority-hint-missing', 'the provider does not name the root as its superior', leafId),
    )
  }
  return faults
}

/** OpenID Federation 1.0 §6.2: what the root allows below itself. `intermediates` stand between root and leaf. */
export function constraintFaults(
  { constraints, sub }: SubordinateStatement,
  leaf: EntityConfiguration | undefined,
  intermediates: number,
): Finding[] {
  const faults: Finding[] = []
  if (intermediates > constraints.max_path_length) {
    faults.push(broken('path-too-long', `the root allows ${constraints.max_path_length} between`, sub))
  }
  // federation_entity is what every participant is, so it is never listed (§6.2.3).
  const types =
    leaf === undefined ? [] : Object.keys(leaf.metadata).filter((type) => type !== 'federation_entity')
  for (const type of types) {
    if (constraints.allowed_entity_types.includes(type)) continue
    faults.push(broken('entity-type-not-allowed', `the root does not let it be ${type}`, sub))
  }
  return faults
}

/** A statement by a key that may not sign it is a broken chain; any other refusal speaks for itself. */
function signatureFault(
  fault: Rejected | undefined,
  stranger: 'anchor-key-not-pinned' | 'key-unendorsed',
  subject: string,
): Finding[] {
  if (fault === undefined) return []
  const isStranger = fault.reason === 'key-unknown'
  return [isStranger ? broken(stranger, fault.detail, subject) : findingOf(fault, subject)]
}

function selfListingFault(configuration: Link<EntityConfiguration> | undefined): Finding[] {
  if (configuration === undefined) return []
  const { claims, kid } = configuration
  if (claims.jwks.keys.some((key) => key.kid === kid)) return []
  return [broken('key-unknown', 'signed by a key it does not list', claims.iss)]
}

/** Signatures from the pinned keys down; each configuration must also be signed by a key it lists itself. */
async function signatureFaults(
  { leaf, statement, root }: Chain,
  pinned: RootKeySet,
  { configurations, statements }: DocumentReader,
): Promise<Finding[]> {
  const anchorKeys = pinned.keys.federation
  const endorsed = statement === undefined ? leaf?.claims.jwks.keys : servingEntity(statement.claims).keys
  const [rootFault, statementFault, leafFault] = await Promise.all([
    root === undefined ? undefined : configurations.signatureFault(root, anchorKeys),
    statement === undefined ? undefined : statements.signatureFault(statement, anchorKeys),
    leaf === undefined ? undefined : configurations.signatureFault(leaf, endorsed ?? []),
  ])
  return [
    ...signatureFault(rootFault, 'anchor-key-not-pinned', root?.claims.iss ?? ''),
    ...signatureFault(statementFault, 'anchor-key-not-pinned', statement?.claims.sub ?? ''),
    ...signatureFault(leafFault, 'key-unendorsed', leaf?.claims.iss ?? ''),
    ...selfListingFault(root),
    ...selfListingFault(leaf),
  ]
}

/**
 * Verifies a chain against a pinned key set: links, constraints, signatures top-down (wire format, verification order).
 * Dates are judged apart, after all signatures. Reports what it finds, and answers the chain as far as it is sound.
 */
export async function verifyChain(
  chain: Chain,
  pinned: RootKeySet,
  findings: Findings,
  reader: DocumentReader = createDocumentReader(createEvidenceMemory()),
): Promise<boolean> {
  const faults = [
    ...(await signatureFaults(chain, pinned, reader)),
    ...linkFaults(chain, pinned.iss),
    ...(chain.statement === undefined ? [] : constraintFaults(chain.statement.claims, chain.leaf?.claims, 0)),
  ]
  for (const fault of faults) findings.fail('chain', fault)
  if (faults.length > 0) return false
  findings.pass('chain', `signed from ${pinned.iss} down`)
  return true
}

/**
 * Names the statements that are needed and not there. The provider's own configuration is needed for what the provider
 * signs; of its code prefix the root alone speaks.
 */
export function missingStatements(
  chain: Chain,
  anchorId: string,
  { needsLeaf }: { needsLeaf: boolean },
): Finding[] {
  const missing = (present: unknown, what: string) =>
    present === undefined ? [undecided('part-missing', `${what} is missing`, anchorId)] : []
  return [
    ...missing(chain.root, "the root's configuration"),
    ...missing(chain.statement, "the root's statement about the provider"),
    ...(needsLeaf ? missing(chain.leaf, "the provider's configuration") : []),
  ]
}
