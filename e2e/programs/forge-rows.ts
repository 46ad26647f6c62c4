import { createHash, randomBytes } from 'node:crypto'

import {
  createMemorySigner,
  decisionHash,
  formatDecision,
  generateSigningKey,
  jcsDigest,
  signDecision,
  type DecisionSignature,
  type Signer,
} from '@arc3088/records'

import { query } from './databases.ts'
import { advisoryRows, recognitionRows } from './forge-lists.ts'
import type { ForgedSubjects, Row } from './forged-row.ts'
import { newId } from './new-id.ts'

/** What the role could write, and what it could not, by name; with the token of an officer that nobody enrolled. */
export interface ForgedRows {
  readonly written: readonly string[]
  readonly refused: readonly string[]
  readonly token: string
  readonly decisions: readonly string[]
}

const now = () => Math.floor(Date.now() / 1000)

/** Writes whatever an act could be thought to follow from, as the service's own role: each row that it can. */
export async function forgeRows(subjects: ForgedSubjects): Promise<ForgedRows> {
  const signers = [await newSigner(), await newSigner(), await newSigner()]
  const person = { id: newId(), tokenId: randomBytes(16).toString('base64url') }
  const secret = randomBytes(32).toString('base64url')
  const decisions: string[] = []
  const rows: Row[] = [
    ...personRows(person, secret, signers),
    ...(await pendingRows(subjects, signers, decisions)),
    ...(await decisionRows(subjects, { person: person.id, signers, decisions })),
    ...providerRows(subjects.provider),
    ...(await recognitionRows(subjects, signers)),
    ...advisoryRows(),
  ]
  const outcome = await writeRows(subjects.database, rows)
  return { ...outcome, decisions, token: `arc3088_${person.tokenId}_${secret}` }
}

/** Writes each row that the role may write. */
async function writeRows(
  database: string,
  rows: readonly Row[],
): Promise<Pick<ForgedRows, 'written' | 'refused'>> {
  const [written, refused]: [string[], string[]] = [[], []]
  for (const [name, statement, values] of rows) {
    try {
      await query(database, statement, values)
      written.push(name)
    } catch (error) {
      refused.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { written, refused }
}

/** A key that is nobody's. */
export async function newSigner(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}

/** An officer with a token and keys, whom no ceremony knows. */
function personRows(
  { id, tokenId }: { id: string; tokenId: string },
  secret: string,
  signers: readonly Signer[],
): Row[] {
  const hash = createHash('sha256').update(secret).digest()
  return [
    [
      'operator',
      `insert into operator (id, name, role, created_at) values ($1, 'Mallory', 'officer', now())`,
      [id],
    ],
    [
      'api_token',
      `insert into api_token (id, secret_hash, principal_kind, principal_id, created_at)
       values ($1, $2, 'operator', $3, now())`,
      [tokenId, hash, id],
    ],
    ...signers.map(({ kid, publicJwk }, nth): Row => [
      `officer_key ${nth}`,
      `insert into officer_key (kid, operator, jwk, enrolled_at) values ($1, $2, $3, now())`,
      [kid, id, JSON.stringify(publicJwk)],
    ]),
  ]
}

/** The votes of two others on what one officer signed, and a decision of his signature, twice and beside a made-up one. */
async function pendingRows(
  { database, pending }: ForgedSubjects,
  [signer]: readonly Signer[],
  decisions: string[],
): Promise<Row[]> {
  const [own] = await query(database, `select * from proposal_signature where proposal_id = $1`, [pending.id])
  const others = await query(
    database,
    `select o.id as officer, p.proposer from operator o, proposal p
     where p.id = $1 and o.role = 'officer' and o.id <> p.proposer`,
    [pending.id],
  )
  const first = { protected: String(own?.['protected']), signature: String(own?.['signature']) }
  const second: DecisionSignature =
    signer === undefined
      ? first
      : await signDecision(signer, JSON.parse(Buffer.from(pending.payload, 'base64url').toString()) as never)
  const hash = await decisionHash(pending)
  decisions.push(hash)
  return [
    ...others.map(({ officer, proposer }, nth): Row => [
      `proposal_vote ${nth}`,
      `insert into proposal_vote (proposal_id, proposer, officer, vote, reason, voted_at)
       values ($1, $2, $3, 'approve', 'forged', now())`,
      [pending.id, proposer, officer],
    ]),
    ...others.map(({ officer }, nth): Row => [
      `proposal_signature ${nth}`,
      `insert into proposal_signature (proposal_id, officer, kid, protected, signature, signed_at)
       values ($1, $2, $3, $4, $5, now())`,
      [pending.id, officer, `forged-${nth}`, first.protected, first.signature],
    ]),
    [
      'decision of the pending proposal',
      `insert into decision (proposal_id, hash, jws, decided_at) values ($1, $2, $3, now())`,
      [pending.id, hash, JSON.stringify({ payload: pending.payload, signatures: [first, first, second] })],
    ],
    [
      'proposal approved',
      `update proposal set state = 'approved', decided_at = now(), outcome = '{}' where id = $1`,
      [pending.id],
    ],
  ]
}

/** Whole decisions about acts of every part, by keys that are no officer's. */
async function decisionRows(
  { database, root, overseas, provider, agreement }: ForgedSubjects,
  given: { person: string; signers: readonly Signer[]; decisions: string[] },
): Promise<Row[]> {
  const [set] = await query(database, `select hash from officer_set order by seq desc limit 1`)
  const jti = `urn:uuid:${agreement.id}`
  const acts: [string, object][] = [
    ['provider:suspend', { provider: provider.code, entity_id: provider.url }],
    ['provider:retire', { provider: provider.code, entity_id: provider.url, custodian: null }],
    ['foreign-root:unpin', { entity_id: overseas }],
    [
      'agreement:terminate',
      {
        agreement: jti,
        agreement_hash: agreement.hash,
        event: 'terminate',
        towards: 'all',
        reason: 'x',
        effective: null,
      },
    ],
    ['advisory:publish', { advisory: newId(), version: 1, kind: 'recall' }],
    ['certifier:register', { entity_id: 'https://forged.example' }],
    ['scenarios:set', { scenarios: [] }],
  ]
  const rows: Row[] = []
  for (const [kind, payload] of acts) {
    const id = newId()
    const hash = await jcsDigest({ kind, payload })
    const exp = now() + 86_400
    const claims = { iss: root, proposal: id, kind, hash, officer_set: String(set?.['hash']), exp }
    const signatures = await Promise.all(given.signers.map((signer) => signDecision(signer, claims)))
    const jws = { payload: formatDecision(claims), signatures }
    given.decisions.push(await decisionHash(jws))
    rows.push(
      [
        `proposal ${kind}`,
        `insert into proposal (id, kind, payload, payload_hash, proposer, proposed_at, expires_at, state, decided_at, officer_set, outcome)
         values ($1, $2, $3, $4, $5, now(), to_timestamp($6), 'approved', now(), $7, '{}')`,
        [id, kind, JSON.stringify(payload), hash, given.person, exp, claims.officer_set],
      ],
      [
        `decision ${kind}`,
        `insert into decision (proposal_id, hash, jws, decided_at) values ($1, $2, $3, now())`,
        [id, await decisionHash(jws), JSON.stringify(jws)],
      ],
    )
  }
  return rows
}

/** Another state of a provider, wherever one stands. */
function providerRows({ code }: { code: string }): Row[] {
  const number = Number.parseInt(code, 36)
  const places = `select status_list, status_index from assignment_record where provider = ${number} and requester = 0
     union select statement_status_list, statement_status_index from provider where code = ${number}`
  return [
    ['provider state', `update provider set state = 'suspended' where code = $1`, [number]],
    [
      'provider_entry',
      `insert into provider_entry (hash, provider, seq, jws, written_at)
       select 'forged', provider, 2, jws, now() from provider_entry where provider = $1 limit 1`,
      [number],
    ],
    [
      'status_entry',
      `insert into status_entry (list, index, status, changed_at)
       select status_list, status_index, 2, now() from (${places}) as place
       on conflict (list, index) do update set status = 2`,
    ],
    [
      'status_change',
      `insert into status_change (list, index, status, changed_at, hash)
       select status_list, status_index, 2, now(), null from (${places}) as place`,
    ],
  ]
}
