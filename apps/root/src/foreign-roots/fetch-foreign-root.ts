import { witnessUrl } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  GeneralJws,
  MEDIA_TYPE,
  parseStrictJson,
  STATEMENT_BYTES_MAX,
  StrictJsonError,
  type RootKeySetJws,
} from '@arc3088/records'
import type { OutboundDoor } from '@arc3088/service'
import { z } from 'zod'

const KEY_SETS_PATH = '.well-known/agent-code-root-keys'
const CONFIGURATION_PATH = '.well-known/openid-federation'
/** As many as a recognition list carries of one root. */
const KEY_SETS_MAX = 64
const KEY_SETS_BYTES_MAX = 1_048_576

const KeySets = z.array(GeneralJws).min(1).max(KEY_SETS_MAX)

/** Fetches the key sets that a pinned root publishes (W1); nothing of them is verified. @throws RegistryError `upstream-*`. */
export async function fetchKeySets(door: OutboundDoor, entityId: string): Promise<readonly RootKeySetJws[]> {
  const url = `${witnessUrl(entityId)}${KEY_SETS_PATH}`
  const { status, body } = await door.fetch({
    url,
    headers: { accept: MEDIA_TYPE.rootKeySet },
    bytesMax: KEY_SETS_BYTES_MAX,
  })
  const sets = status === 200 ? readKeySets(body) : undefined
  if (sets === undefined) throw unusable(url, status)
  return sets
}

/** Fetches the configuration of a pinned root; nothing of it is verified. @throws RegistryError `upstream-*`. */
export async function fetchConfiguration(door: OutboundDoor, entityId: string): Promise<string> {
  const url = `${witnessUrl(entityId)}${CONFIGURATION_PATH}`
  const { status, body } = await door.fetch({
    url,
    headers: { accept: MEDIA_TYPE.entityStatement },
    bytesMax: STATEMENT_BYTES_MAX,
  })
  if (status !== 200) throw unusable(url, status)
  return body
}

function readKeySets(body: string): readonly RootKeySetJws[] | undefined {
  try {
    const parsed = KeySets.safeParse(parseStrictJson(body))
    return parsed.success ? parsed.data : undefined
  } catch (error) {
    if (error instanceof StrictJsonError) return undefined
    throw error
  }
}

function unusable(url: string, status: number): RegistryError {
  return new RegistryError('upstream-unreachable', `${url} answered ${status} and nothing that can be used`)
}
