import { KEY_HISTORY_PATH } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  KEY_HISTORY_BYTES_MAX,
  MEDIA_TYPE,
  parseStrictJson,
  PROVIDER_ENTITY_TYPE,
  readKeyHistory,
  readSubordinateStatement,
  RootKeySetJws,
  STATEMENT_BYTES_MAX,
  STATUS_TOKEN_BYTES_MAX,
} from '@arc3088/records'
import type { OutboundDoor } from '@arc3088/service'
import { z } from 'zod'

import { statusListUris, type RootWord } from './root-word.ts'

/** Where the word is fetched from, and for whom. */
export interface WordSource {
  readonly door: OutboundDoor
  readonly rootUrl: string
  /** The entity that the code was given to: what the root's statement is about, whoever serves. */
  readonly assignee: string
  readonly selfDescription: () => Promise<string>
}

const LOG_PROOF_MEDIA_TYPE = 'text/plain'
const KEY_SETS_BYTES_MAX = 1_048_576
const KEY_SETS_MAX = 64

/**
 * Fetches all that the root says of this provider, or undefined while it says nothing. Nothing of it is believed
 * yet, so only the root's own origin is asked, whatever addresses the documents name.
 */
export async function fetchWord(
  source: WordSource,
  earlier: Pick<RootWord, 'key_history'> = {},
): Promise<RootWord | undefined> {
  const { rootUrl, assignee } = source
  const statement = await get(source, {
    url: `${rootUrl}/federation/fetch?sub=${encodeURIComponent(assignee)}`,
    accept: MEDIA_TYPE.entityStatement,
    bytesMax: STATEMENT_BYTES_MAX,
    absent: 404,
  })
  if (statement === undefined) return undefined
  const read = readSubordinateStatement(statement)
  if (read.kind === 'rejected') throw unusable(`the statement: ${read.detail}`)
  const code = read.claims.metadata[PROVIDER_ENTITY_TYPE].code_prefix
  const [rootConfiguration, keySets, record] = await Promise.all([
    demand(source, '/.well-known/openid-federation', MEDIA_TYPE.entityStatement, STATEMENT_BYTES_MAX),
    demand(source, '/.well-known/agent-code-root-keys', MEDIA_TYPE.rootKeySet, KEY_SETS_BYTES_MAX),
    demand(source, `/v1/codes/${encodeURIComponent(code)}`, MEDIA_TYPE.assignmentRecord, STATEMENT_BYTES_MAX),
  ])
  return await withFreshStatus(source, {
    record,
    own_configuration: '',
    statement,
    root_configuration: rootConfiguration,
    root_keys: readKeySets(keySets),
    status_list_tokens: [],
    ...(earlier.key_history === undefined ? {} : { key_history: earlier.key_history }),
  })
}

/** The same word with the status of now, and with this provider's own configuration of now. */
export async function withFreshStatus(source: WordSource, word: RootWord): Promise<RootWord> {
  const uris = statusListUris(word.record, word.statement)
  if (uris === undefined) throw unusable('the record or the statement is not one')
  const foreign = uris.find((uri) => new URL(uri).origin !== source.rootUrl)
  if (foreign !== undefined) throw unusable(`${foreign} is not at the root`)
  const [tokens, proof, history] = await Promise.all([
    Promise.all(
      uris.map((uri) =>
        demand(source, uri.slice(source.rootUrl.length), MEDIA_TYPE.statusListToken, STATUS_TOKEN_BYTES_MAX),
      ),
    ),
    fetchLogProof(source, word),
    fetchKeyHistory(source),
  ])
  return {
    ...word,
    own_configuration: await source.selfDescription(),
    status_list_tokens: tokens,
    ...(proof === undefined ? {} : { log_proof: proof }),
    ...(history === undefined ? {} : { key_history: history }),
  }
}

/**
 * The root's former keys, by which a record stays good whose key has ended. Undefined while there is none, or where
 * the root cannot say: an earlier history stays true.
 */
async function fetchKeyHistory({ door, rootUrl }: WordSource): Promise<string | undefined> {
  const request = {
    url: `${rootUrl}${KEY_HISTORY_PATH}`,
    headers: { accept: MEDIA_TYPE.keyHistory },
    bytesMax: KEY_HISTORY_BYTES_MAX,
  }
  try {
    const { status, mediaType, body } = await door.fetch(request)
    if (status !== 200 || mediaType !== MEDIA_TYPE.keyHistory) return undefined
    const read = readKeyHistory(body)
    return read.kind === 'read' && read.claims.keys.length > 0 ? body : undefined
  } catch (error) {
    if (error instanceof RegistryError) return undefined
    throw error
  }
}

/**
 * The proof that the record of this provider stands in the root's log: for others, since this provider believes its
 * root without. Undefined while the root has none, or cannot say: an earlier one stays true.
 */
async function fetchLogProof(
  { door, rootUrl }: WordSource,
  { statement }: RootWord,
): Promise<string | undefined> {
  const read = readSubordinateStatement(statement)
  if (read.kind === 'rejected') return undefined
  const code = read.claims.metadata[PROVIDER_ENTITY_TYPE].code_prefix
  const { status, mediaType, body } = await door.fetch({
    url: `${rootUrl}/v1/codes/${encodeURIComponent(code)}/log-proof`,
    headers: { accept: LOG_PROOF_MEDIA_TYPE },
    bytesMax: STATEMENT_BYTES_MAX,
  })
  return status === 200 && mediaType === LOG_PROOF_MEDIA_TYPE ? body : undefined
}

function readKeySets(text: string): RootKeySetJws[] {
  const parsed = z.array(RootKeySetJws).min(1).max(KEY_SETS_MAX).safeParse(parseStrictJson(text))
  if (!parsed.success) throw unusable('the key sets are not a JSON array of signed key sets')
  return parsed.data
}

async function demand(source: WordSource, path: string, accept: string, bytesMax: number): Promise<string> {
  const body = await get(source, { url: `${source.rootUrl}${path}`, accept, bytesMax })
  if (body === undefined) throw unusable(`${path} is not there`)
  return body
}

async function get(
  { door }: WordSource,
  request: { url: string; accept: string; bytesMax: number; absent?: number },
): Promise<string | undefined> {
  const { url, accept, bytesMax, absent } = request
  const { status, mediaType, body } = await door.fetch({ url, headers: { accept }, bytesMax })
  if (status === absent) return undefined
  if (status !== 200) throw unusable(`${url} answered ${status}`)
  if (mediaType !== accept) throw unusable(`${url} answered ${mediaType}`)
  return body
}

function unusable(why: string): RegistryError {
  return new RegistryError('upstream-unreachable', `The root did not answer as a root does: ${why}`)
}
