import { parentOf } from '@arc3088/codec'
import { MEDIA_TYPE, recordHash } from '@arc3088/records'
import { cacheableHeaders, type ExpressRoute } from '@arc3088/service'
import { LRUCache } from 'lru-cache'

import { readStoredRecord } from '../assignment/assignment.store.ts'
import { codeKeyOf } from '../assignment/code-key.ts'
import type { SignStatusList } from '../status/status-lists.ts'
import { readOwnSubject, type CodeAuthority } from './answer-code.ts'
import { proveRecords } from './answering-log.ts'
import { isOfFormerKey, type EvidenceAbove } from './collect-evidence.ts'

const PREFIX = '/v1/codes/'
const CODE = /^[0-9A-Za-z.]{1,300}$/
/** What asks for the bundle and for nothing else. */
const ACCEPTED: ReadonlySet<string | undefined> = new Set([undefined, '*/*', MEDIA_TYPE.evidenceBundle])
const PARTS_BYTES_MAX = 64 * 1024 * 1024
/** A proof stays true; but a log that gets its first witness has better ones from then on. */
const PARTS_MILLISECONDS = 60_000

/** What a bundle says of one record of this node, as JSON text. */
interface Part {
  readonly record: string
  /** A member of `tlog_proofs`. */
  readonly proof: string
  readonly list: number
  readonly parent: string | undefined
}

/** What the route asks of the node. */
export interface BundleDoor {
  authority(): CodeAuthority
  readonly signStatusList: SignStatusList
  /** The same object as long as it says the same. */
  above(): Promise<EvidenceAbove>
}

/**
 * `GET /v1/codes/{code}` on the express lane, for the evidence bundle: put together from parts in memory, of which only
 * the status lists are asked for anew. What is not proven yet, or needs a live answer, goes the long way.
 */
export function expressBundle(door: BundleDoor): ExpressRoute {
  const parts = new LRUCache<string, Part>({
    maxSize: PARTS_BYTES_MAX,
    ttl: PARTS_MILLISECONDS,
    sizeCalculation: ({ record, proof }, text) => record.length + proof.length + text.length + 256,
  })
  const renderedAbove = new WeakMap<EvidenceAbove, AboveText>()

  async function load(text: string): Promise<Part | undefined> {
    const authority = door.authority()
    const subject = readOwnSubject(authority, text)
    const stored = await readStoredRecord(authority.db, codeKeyOf(subject))
    if (stored === undefined || authority.log === undefined) return undefined
    // Its bundle needs the history of keys, and parts kept here would outlive the key's end.
    if (isOfFormerKey(authority, stored.jws)) return undefined
    const hash = await recordHash(stored.jws)
    const { [hash]: proof } = await proveRecords(authority.log, [stored.jws])
    if (proof === undefined) return undefined
    const parent = parentOf(subject)
    const part = {
      record: JSON.stringify(stored.jws),
      proof: `${JSON.stringify(hash)}:${JSON.stringify(proof)}`,
      list: stored.status.list,
      parent: parent !== undefined && authority.answersFor(parent) ? parent.text : undefined,
    }
    parts.set(text, part)
    return part
  }

  /** The parts of a code and of all above it that this node assigned, top-down; undefined where one is not to be had. */
  async function lineage(text: string): Promise<Part[] | undefined> {
    const path: Part[] = []
    for (let next: string | undefined = text; next !== undefined;) {
      const part: Part | undefined = parts.get(next) ?? (await load(next))
      if (part === undefined) return undefined
      path.unshift(part)
      next = part.parent
    }
    return path
  }

  function renderAbove(above: EvidenceAbove): AboveText {
    const known = renderedAbove.get(above) ?? aboveText(above)
    renderedAbove.set(above, known)
    return known
  }

  return {
    method: 'GET',
    prefix: PREFIX,
    async answer({ target, headers }) {
      const text = target.slice(PREFIX.length)
      if (!ACCEPTED.has(headers.accept) || headers['if-none-match'] !== undefined || !CODE.test(text))
        return undefined
      const path = await lineage(text)
      if (path === undefined) return undefined
      const above = renderAbove(await door.above())
      const lists = [...new Set(path.map(({ list }) => list))]
      const tokens = await Promise.all(lists.map((list) => door.signStatusList(list)))
      if (tokens.includes(undefined)) return undefined
      const join = (before: readonly string[], own: readonly string[]) => [...before, ...own].join(',')
      const records = join(
        above.records,
        path.map(({ record }) => record),
      )
      const proofs = join(
        above.proofs,
        path.map(({ proof }) => proof),
      )
      const statuses = join(
        above.tokens,
        tokens.map((token) => `"${token}"`),
      )
      const body = `{"v":1,"records":[${records}],${above.middle},"status_list_tokens":[${statuses}],"tlog_proofs":{${proofs}}${above.histories}}`
      const mediaType = MEDIA_TYPE.evidenceBundle
      const document = { body, mediaType, maxAgeSeconds: 0, vary: 'accept' }
      return {
        status: 200,
        headers: { ...cacheableHeaders(document), 'content-type': mediaType },
        body,
      }
    },
  }
}

/** What stands above, as JSON text, in the order in which `collectEvidence` has it. */
interface AboveText {
  readonly records: readonly string[]
  /** The members between the records and the status list tokens. */
  readonly middle: string
  readonly tokens: readonly string[]
  readonly proofs: readonly string[]
  /** The last member with the comma before it; empty where those above have no former keys. */
  readonly histories: string
}

function aboveText(above: EvidenceAbove): AboveText {
  const strings = (values: readonly string[]) => values.map((value) => JSON.stringify(value))
  return {
    records: strings(above.records),
    middle: `"chains":${JSON.stringify(above.chains ?? [])},"root_keys":${JSON.stringify(above.root_keys ?? [])}`,
    tokens: strings(above.status_list_tokens),
    proofs: Object.entries(above.tlog_proofs ?? {}).map(
      ([hash, proof]) => `${JSON.stringify(hash)}:${JSON.stringify(proof)}`,
    ),
    histories:
      above.key_histories === undefined ? '' : `,"key_histories":${JSON.stringify(above.key_histories)}`,
  }
}
