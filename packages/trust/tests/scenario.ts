import type { CodeAssignment } from '@arc3088/records'
import { TYP, codeAssignmentOf, encodeBase64url, packStatusList } from '@arc3088/records'
import { parseSubject } from '@arc3088/codec'

import { makeProofs } from './log-scenario.ts'
import type { Claims, Draft, Json, KeyName, ListPart, Part, Signers } from './scenario-parts.ts'
import { CODE, JUDGED_AT, P1, ROOT, T0 } from './scenario-parts.ts'

export * from './scenario-parts.ts'

const ROOT_LIST = `${ROOT}/status/1`
const REQUESTER_LIST = `${P1}/status/1`
const ONTOLOGY_LIST = `${P1}/status/2`
const INSTANCE_LIST = `${P1}/status/3`

const utf8 = new TextEncoder()

export async function signPart(part: Part, signers: Signers): Promise<string> {
  const signer = signers[part.key]
  const header = JSON.stringify({ alg: signer.alg, kid: signer.kid, typ: part.typ, ...part.header })
  const text = JSON.stringify(part.claims)
  const payload = part.payloadText?.(text) ?? text
  const input = `${encodeBase64url(utf8.encode(header))}.${encodeBase64url(utf8.encode(payload))}`
  const jws = `${input}.${encodeBase64url(await signer.sign(utf8.encode(input)))}`
  return part.tamper?.(jws) ?? jws
}

function statusAt(uri: string, idx: number): Claims {
  return { status_list: { uri, idx } }
}

export function recordPart(
  subject: string,
  key: KeyName,
  iss: string,
  status: Claims,
  extra: Partial<CodeAssignment> = {},
): Part {
  const assignment = { ...codeAssignmentOf(parseSubject(subject)), ...extra }
  const serial = String(subject.split('.').length).padStart(12, '0')
  return {
    typ: TYP.assignmentRecord,
    key,
    claims: {
      iss,
      sub: subject,
      iat: T0,
      jti: `01a1d2b4-6c00-7000-8000-${serial}`,
      code_assignment: assignment,
      status,
    },
  }
}

function listPart(sub: string, key: KeyName, ttl: number): ListPart {
  return { typ: TYP.statusListToken, key, claims: { sub, iat: T0, exp: T0 + 3600, ttl }, entries: [] }
}

/** A sound world: root, Company A with provider code 1, Institute B, its ontology 478BDF and instance 3GF546 (annex C). */
export function createDraft(signers: Signers): Draft {
  const jwk = (name: KeyName): Claims => ({ ...signers[name].publicJwk })
  const jwks = (...names: KeyName[]): Claims => ({ keys: names.map(jwk) })
  const keySet: Part = {
    typ: TYP.rootKeySet,
    key: 'root.root',
    claims: {
      iss: ROOT,
      seq: 1,
      prev: null,
      threshold: 1,
      root_keys: [jwk('root.root')],
      keys: { federation: [jwk('root.federation')] },
      nbf: T0,
      exp: T0 + 365 * 86_400,
    },
  }
  const rootConfiguration: Part = {
    typ: TYP.entityStatement,
    key: 'root.federation',
    claims: {
      iss: ROOT,
      sub: ROOT,
      iat: T0,
      exp: T0 + 86_400,
      jwks: jwks('root.federation'),
      metadata: {
        federation_entity: {
          organization_name: 'Competent authority',
          federation_fetch_endpoint: `${ROOT}/federation/fetch`,
          federation_list_endpoint: `${ROOT}/federation/list`,
        },
        agent_code_root: {
          code_prefix: '1.2.156.3088',
          scheme_versions: ['1'],
          issuing_jwks: jwks('root.issuing'),
          status_jwks: jwks('root.status'),
          code_resolution_uri: `${ROOT}/v1/codes/{code}`,
          status_list_aggregation_uri: `${ROOT}/status`,
        },
      },
    },
  }
  const statement: Part = {
    typ: TYP.entityStatement,
    key: 'root.federation',
    claims: {
      iss: ROOT,
      sub: P1,
      iat: T0,
      exp: T0 + 7 * 86_400,
      jwks: jwks('p1.federation'),
      metadata: {
        agent_code_provider: {
          provider_code: '1',
          code_prefix: '1.2.156.3088.1.1',
          territory: 'CN',
          kind: 'domestic',
          state: 'active',
        },
      },
      constraints: { max_path_length: 0, allowed_entity_types: ['agent_code_provider'] },
      status: statusAt(ROOT_LIST, 7001),
    },
  }
  const providerConfiguration: Part = {
    typ: TYP.entityStatement,
    key: 'p1.federation',
    claims: {
      iss: P1,
      sub: P1,
      iat: T0,
      exp: T0 + 86_400,
      jwks: jwks('p1.federation'),
      authority_hints: [ROOT],
      metadata: {
        federation_entity: { organization_name: 'Company A' },
        agent_code_provider: {
          issuing_jwks: jwks('p1.issuing'),
          status_jwks: jwks('p1.status'),
          code_resolution_uri: `${P1}/v1/codes/{code}`,
          status_list_aggregation_uri: `${P1}/status`,
        },
      },
    },
  }
  return {
    keySet,
    rootConfiguration,
    statement,
    providerConfiguration,
    records: [
      recordPart('1.2.156.3088.1.1', 'root.issuing', ROOT, statusAt(ROOT_LIST, 7000), {
        entity_id: P1,
        organization: { name: '甲公司', name_en: 'Company A', country: 'CN' },
      }),
      recordPart('1.2.156.3088.1.1.34C2', 'p1.issuing', P1, statusAt(REQUESTER_LIST, 80_001), {
        requester_kind: 'organization',
      }),
      recordPart('1.2.156.3088.1.1.34C2.478BDF.0', 'p1.issuing', P1, statusAt(ONTOLOGY_LIST, 131_071)),
      recordPart(CODE, 'p1.issuing', P1, statusAt(INSTANCE_LIST, 0)),
    ],
    lists: [
      listPart(ROOT_LIST, 'root.status', 60),
      listPart(REQUESTER_LIST, 'p1.status', 300),
      listPart(ONTOLOGY_LIST, 'p1.status', 300),
      listPart(INSTANCE_LIST, 'p1.status', 300),
    ],
    chain: [providerConfiguration, statement, rootConfiguration],
    code: CODE,
    at: JUDGED_AT,
  }
}

export interface SignedScenario {
  code: string
  at: number
  anchor: Json
  bundle: { [name: string]: Json }
}

/** Signs a draft as it stands, right or wrong. */
export async function signDraft(draft: Draft, signers: Signers): Promise<SignedScenario> {
  const [keySetProtected, keySetPayload, keySetSignature] = (await signPart(draft.keySet, signers)).split('.')
  const anchor = {
    payload: keySetPayload ?? '',
    signatures: [{ protected: keySetProtected ?? '', signature: keySetSignature ?? '' }],
  }
  const tokens = await Promise.all(
    draft.lists.map(async (list) => {
      const lst = await packStatusList(list.entries)
      const claims = {
        ...list.claims,
        status_list: { bits: 4, lst, ...(list.claims['status_list'] as Claims | undefined) },
      }
      return await signPart({ ...list, claims }, signers)
    }),
  )
  const sign = async (parts: readonly Part[]) =>
    await Promise.all(parts.map((part) => signPart(part, signers)))
  const records = await sign(draft.records)
  const signed = draft.records.map(({ claims }, i) => ({ claims, jws: records[i] ?? '' }))
  return {
    code: draft.code,
    at: draft.at,
    anchor,
    bundle: {
      v: 1,
      records,
      chains: [await sign(draft.chain)],
      root_keys: [structuredClone(anchor)],
      status_list_tokens: tokens,
      ...(draft.resolution === undefined ? {} : { resolution: await signPart(draft.resolution, signers) }),
      ...(draft.proofs === undefined ? {} : { tlog_proofs: await makeProofs(draft.proofs, signed, signers) }),
      ...(draft.histories === undefined ? {} : { key_histories: await sign(draft.histories) }),
    },
  }
}

/** Replaces the last symbol of a JWS by another that decodes to the same bytes. */
export function respellLastSymbol(jws: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(jws.at(-1) ?? '')
  return `${jws.slice(0, -1)}${alphabet[last + 1] ?? ''}`
}
