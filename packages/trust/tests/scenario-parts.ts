import type { LogEntry, PrivateJwk, Signer, StatusValue } from '@arc3088/records'
import { createMemorySigner } from '@arc3088/records'

/** One instant of the example; every vector is judged some time after it. */
export const T0 = 1_790_000_000
/** The instant the vectors are judged at, unless they say otherwise. */
export const JUDGED_AT = T0 + 600

export const ROOT = 'https://root.example'
export const P1 = 'https://p1.example'
export const CODE = '1.2.156.3088.1.1.34C2.478BDF.3GF546'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json | undefined }
export type Claims = { [name: string]: Json | undefined }

/** Names of the test keys; who holds them, and for what. */
export const KEY_NAMES = [
  'root.root',
  'root.federation',
  'root.issuing',
  'root.status',
  'p1.federation',
  'p1.issuing',
  'p1.status',
  'stranger',
  'root.tlog',
  'p1.tlog',
  'p2.tlog',
  'stranger.tlog',
  'p1.former',
  'p0.federation',
  'f.root',
  'f.federation',
  'f.issuing',
  'f.status',
  'f.next',
  'fp.federation',
  'fp.issuing',
  'fp.status',
  'g.root',
  'g.federation',
] as const
export type KeyName = (typeof KEY_NAMES)[number]
export type KeyFile = Record<KeyName, PrivateJwk & { alg: 'ES256' | 'Ed25519' }>
export type Signers = Record<KeyName, Signer>

export async function signersOf(keys: KeyFile): Promise<Signers> {
  const pairs = await Promise.all(
    KEY_NAMES.map(
      async (name) =>
        [name, await createMemorySigner({ alg: keys[name].alg, privateJwk: keys[name] })] as const,
    ),
  )
  return Object.fromEntries(pairs) as Signers
}

/** One document before it is signed. Negatives change it here, so that everything else about them is right. */
export interface Part {
  typ: string
  key: KeyName
  claims: Claims
  /** Members laid over {alg, kid, typ}; undefined takes one away. */
  header?: Claims
  /** Payload text instead of the claims, for JSON that no object can hold. */
  payloadText?: (text: string) => string
  /** Changes the finished JWS. */
  tamper?: (jws: string) => string
}

export interface ListPart extends Part {
  entries: [idx: number, value: StatusValue][]
}

export type LogName = 'root' | 'p1'
/** Who cosigns, under which name, when. */
export interface Cosigner {
  key: KeyName
  name: string
  at: number
}

/** The proof of one record, before it is made. Negatives change it here. */
export interface ProofPart {
  /** Index into the draft's records, after every other change. */
  record: number
  log: LogName
  /** Changes the entry that stands in the log. */
  entry?: (entry: LogEntry) => LogEntry
  /** The proof of another record's entry, shown for this one. */
  showing?: number
  /** The log's key; default its own. */
  key?: KeyName
  origin?: string
  cosigners: Cosigner[]
  /** Adds to the index that the proof states. */
  shift?: number
  /** Changes the finished text. */
  tamper?: (proof: string) => string
  /** Key under which it stands in the bundle, where not the record's. */
  hash?: string
}

export interface Draft {
  keySet: Part
  rootConfiguration: Part
  statement: Part
  providerConfiguration: Part
  records: Part[]
  lists: ListPart[]
  /** Order of the chain; negatives leave out or add. */
  chain: Part[]
  resolution?: Part
  /** Of records in the logs; see log-scenario. */
  proofs?: ProofPart[]
  histories?: Part[]
  code: string
  at: number
}

/** What anchor or statement says of a log. */
export function setTlog(draft: Draft, log: LogName, metadata: Claims): void {
  const [part, entity] =
    log === 'root'
      ? ([draft.rootConfiguration, 'agent_code_root'] as const)
      : ([draft.statement, 'agent_code_provider'] as const)
  const described = (part.claims['metadata'] as Claims)[entity] as Claims
  described['tlog'] = metadata
}
