import {
  recordHash,
  signAgreementEvent,
  signOfficerSet,
  signRecognitionList,
  type Signer,
} from '@arc3088/records'

import { query } from './databases.ts'
import type { ForgedSubjects, Row } from './forged-row.ts'
import { newId } from './new-id.ts'

const now = () => Math.floor(Date.now() / 1000)

/** The end of an agreement, and a list that says so, under the highest number and in the place of the newest. */
export async function recognitionRows(
  { root, overseas, agreement }: ForgedSubjects,
  [signer]: readonly Signer[],
): Promise<Row[]> {
  if (signer === undefined) return []
  const at = now()
  const event = await signAgreementEvent(signer, {
    iss: root,
    iat: at,
    jti: newId(),
    agreement: `urn:uuid:${agreement.id}`,
    agreement_hash: agreement.hash,
    towards: 'all',
    seq: 2,
    prev: null,
    event: 'terminate',
    reason: 'forged',
    effective: at,
  }).catch(() => 'a.b.c')
  const jws = await signRecognitionList(signer, {
    iss: root,
    iat: at,
    exp: at + 3600,
    ttl: 60,
    seq: 99,
    prev: null,
    entries: [],
  }).catch(() => 'a.b.c')
  const list = [await recordHash(jws), jws]
  return [
    [
      'agreement_event',
      `insert into agreement_event (hash, agreement, entity_id, seq, jws, received_at) values ($1, $2, $3, 2, $4, now())`,
      [await recordHash(event), agreement.id, root, event],
    ],
    [
      'recognition_list 99',
      `insert into recognition_list (seq, content, hash, jws, issued_at) values (99, 'forged', $1, $2, now())`,
      list,
    ],
    [
      'recognition_list_issue',
      `insert into recognition_list_issue (seq, jws, issued_at)
       select max(seq), $1, now() from recognition_list where seq < 99
       on conflict (seq) do update set jws = excluded.jws, issued_at = excluded.issued_at`,
      [jws],
    ],
    [
      'foreign_root_key_set',
      `insert into foreign_root_key_set (entity_id, hash, seq, jws, fetched_at) values ($1, 'forged', 2, '{}', now())`,
      [overseas],
    ],
  ]
}

/** A version of an advisory that nobody signed. */
export function advisoryRows(): Row[] {
  return [
    [
      'advisory_version',
      `insert into advisory_version (advisory, version, proposal_id, hash, jws, issued_at)
       select $1, 1, id, $2, 'a.b.c', now() from proposal where kind = 'advisory:publish' limit 1`,
      [newId(), 'A'.repeat(43)],
    ],
  ]
}

/** Writes a set of officers that no officers decided: these keys, signed by the first of them. */
export async function forgeOfficerSet(
  database: string,
  root: string,
  signers: readonly Signer[],
): Promise<void> {
  const [signer] = signers
  if (signer === undefined) throw new Error('a set has keys')
  const [set] = await query(database, `select hash from officer_set order by seq desc limit 1`)
  const jws = await signOfficerSet(signer, {
    iss: root,
    iat: now(),
    seq: 2,
    prev: String(set?.['hash']),
    threshold: 2,
    keys: signers.map(({ publicJwk }) => publicJwk),
    decision: 'A'.repeat(43),
  })
  await query(database, `insert into officer_set (seq, hash, jws, created_at) values (2, $1, $2, now())`, [
    await recordHash(jws),
    jws,
  ])
}
