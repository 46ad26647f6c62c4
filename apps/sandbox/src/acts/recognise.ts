import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { arc3088, type JsonObject } from '../machine/arc3088.ts'
import { readItems } from '../machine/http.ts'
import { ROOTS, type RootPlan } from '../nodes.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { SecretsFile } from '../secrets.ts'
import type { StateFolder } from '../state-folder.ts'
import type { Tell } from '../tell.ts'
import { decide, officersOf } from './decide.ts'

/** Who acts, and where it is written down. */
interface Parts {
  readonly secrets: SecretsFile
  readonly folder: StateFolder
  readonly tell: Tell
}

const YEAR_SECONDS = 365 * 86_400
const SECONDS_MAX = 120
/** Stages in which there is nothing left for the sandbox to do. */
const SETTLED: readonly unknown[] = [
  'declined',
  'countersigned',
  'in-force',
  'suspended',
  'terminated',
  'expired',
  'superseded',
]

/**
 * Brings two roots to recognise each other (annex B c): each pins the other's key set, which came to it by hand; the first
 * proposes an agreement, the second countersigns it. Goes on from wherever it stands.
 */
export async function recogniseEachOther(
  [first, second]: readonly [RootPlan, RootPlan],
  parts: Parts,
): Promise<void> {
  await Promise.all([pin(first, second, parts), pin(second, first, parts)])
  if ((await findAgreement(first, parts)) === undefined) {
    await act(first, { kind: 'agreement:propose', ask: termsWith(second, first) }, parts)
    parts.tell(`${first.name} proposed an agreement to ${second.name}`)
  }
  const received = await awaitAgreement(second, parts)
  if (!SETTLED.includes(received['stage'])) {
    const { jti, hash } = received
    await act(second, { kind: 'agreement:countersign', ask: { jti, hash } }, parts)
    parts.tell(`${second.name} countersigned: codes of either are recognised by the other`)
  }
}

/** What two officers of a root pinned of another; done once. */
async function pin(at: RootPlan, other: RootPlan, parts: Parts): Promise<void> {
  const [{ token }] = officersOf(at, parts)
  const known = await readItems(`${at.url}/v1/desk/foreign-roots`, 'before', token)
  if (known.some((root) => root['entity_id'] === other.url)) return
  const { prefix, territory } = ROOTS[other.name]
  const ask = {
    entity_id: other.url,
    root_keys: JSON.parse(readFileSync(parts.folder.anchor(other.name), 'utf8')) as unknown,
    territory,
    code_prefixes: [prefix],
  }
  await act(at, { kind: 'foreign-root:pin', ask }, parts)
}

/** Has an act proposed and decided; where an earlier start left it proposed, only decided. */
async function act(at: RootPlan, { kind, ask }: { kind: string; ask: object }, parts: Parts): Promise<void> {
  const officers = officersOf(at, parts)
  const [{ token }] = officers
  const pending = await readItems(`${at.url}/v1/desk/proposals?state=pending`, 'before', token)
  const proposal =
    pending.find((each) => each['kind'] === kind) ??
    (await arc3088('desk propose', {
      of: kind,
      options: { url: at.url, ask: JSON.stringify(ask), reason: '双方协议 as both sides agreed' },
      token,
    }))
  await decide(at.url, String(proposal['id']), officers)
}

function termsWith(other: RootPlan, own: RootPlan): object {
  const now = Math.floor(Date.now() / 1000)
  return {
    contact: ROOTS[own.name].contact,
    parties: [{ entity_id: other.url, contact: ROOTS[other.name].contact }],
    nbf: now,
    exp: now + YEAR_SECONDS,
    review_by: now + YEAR_SECONDS / 2,
    notice_period_days: 90,
    scope: {
      reciprocal: true,
      levels: ['provider', 'requester', 'ontology', 'instance'],
      scheme_versions: ['1'],
      purposes: ['resolution'],
    },
    constraints: {
      max_path_length: 1,
      naming_constraints: { permitted: ['127.0.0.1'] },
      algs: ['ES256', 'Ed25519'],
      max_status_ttl: 3600,
    },
    witnessing: { mutual: true },
    legal: {
      document_uri: `${own.url}/agreement.pdf`,
      document_digest: 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
      governing_language: ['zh', 'en'],
    },
  }
}

async function findAgreement(at: RootPlan, parts: Parts): Promise<JsonObject | undefined> {
  const [{ token }] = officersOf(at, parts)
  const [newest] = await readItems(`${at.url}/v1/desk/agreements`, 'before', token)
  return newest
}

/** The other root delivers it by itself. */
async function awaitAgreement(at: RootPlan, parts: Parts): Promise<JsonObject> {
  const deadline = performance.now() + SECONDS_MAX * 1000
  for (;;) {
    const agreement = await findAgreement(at, parts)
    if (agreement !== undefined) return agreement
    if (performance.now() > deadline) throw new SandboxError(`no agreement has come to ${at.url}`)
    await sleep(200)
  }
}
