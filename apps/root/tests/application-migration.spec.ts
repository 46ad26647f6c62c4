import { connect, migrateAll } from '@arc3088/db'
import { createTestDatabase } from '@arc3088/testkit'
import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { readSteps } from '../src/applications/application-step.store.ts'
import { readApplication } from '../src/applications/application.store.ts'
import { ROOT_MIGRATIONS } from '../src/db/migrations/index.ts'
import type { RootTables } from '../src/db/tables.ts'

const STAMP = '20261122T212000'
const PRIOR = ROOT_MIGRATIONS.map(({ owner, migrations }) => ({
  owner,
  migrations: Object.fromEntries(
    Object.entries(migrations).filter(([name]) => owner !== 'root' || name < STAMP),
  ),
}))

const id = (nth: number) => `019ab000-0000-7000-8000-00000000000${nth}`
const [APPLIED, TAKEN, APPROVED, CLERK, ANN, BO, PROPOSAL] = [1, 2, 3, 4, 5, 6, 7].map(id)

/** One application of each kind that there was, with what the approved one stands on. */
const BEFORE = `insert into operator (id, name, role, created_at)
    select unnest(array['${CLERK}', '${ANN}', '${BO}']::uuid[]), 'n', 'officer', now();
  insert into provider_application (id, entity_id, kind, organization, contact, federation_jwks, state,
      request_jws, request_id, request_hash, applied_at, taken_by, taken_at) values
    ('${APPLIED}', 'https://a.example', 'domestic', '{"name":"A","country":"CN"}', 'a@a', '[{"kid":"ka"}]',
      'applied', 'j', '${APPLIED}', 'h', '2026-01-01T00:00:00Z', null, null),
    ('${TAKEN}', 'https://b.example', 'domestic', '{"name":"B","country":"CN"}', 'b@b', '[{"kid":"kb"}]',
      'under-review', 'j', '${TAKEN}', 'h', '2026-01-01T00:00:00Z', '${CLERK}', '2026-01-02T00:00:00Z'),
    ('${APPROVED}', 'https://c.example', 'overseas', '{"name":"C","country":"FR"}', 'c@c', '[{"kid":"kc"}]',
      'approved', 'j', '${APPROVED}', 'h', '2026-01-01T00:00:00Z', '${CLERK}', '2026-01-02T00:00:00Z');
  insert into proposal (id, kind, payload, payload_hash, proposer, proposed_at, expires_at, state, decided_at)
    values ('${PROPOSAL}', 'provider:assign', '{}', 'h', '${ANN}', now(), now(), 'approved', now());
  insert into proposal_vote (proposal_id, proposer, officer, vote, reason, voted_at)
    values ('${PROPOSAL}', '${ANN}', '${BO}', 'approve', 'r', now());
  insert into code_ledger (provider, requester, ontology, instance, assigned_at) values (3, 0, 0, 0, now());
  insert into assignment_record (provider, requester, ontology, instance, hash, jws, issued_at, status_list,
      status_index) values (3, 0, 0, 0, decode(repeat('00', 32), 'hex'), 'j', now(), 1, 1);
  insert into provider (code, entity_id, application_id, proposal_id, approver, kind, territory, organization,
      federation_jwks, statement_status_list, statement_status_index, assigned_at)
    values (3, 'https://c.example', '${APPROVED}', '${PROPOSAL}', '${BO}', 'overseas', 'FR', '{}', '[]', 1, 2,
      '2026-01-03T00:00:00Z')`

test('applications from before their steps were rows have the steps that can be told, and go on', async () => {
  await using database = await createTestDatabase<RootTables>({
    template: 'root_before_steps',
    migrate: (owner) => migrateAll(owner, PRIOR),
  })
  const owner = connect<RootTables>({
    url: database.ownerUrl,
    max: 2,
    applicationName: 'owner',
    onIdleError: () => undefined,
  })
  for (const statement of BEFORE.split(';')) await sql.raw(statement).execute(owner)
  await migrateAll(owner, ROOT_MIGRATIONS)
  await owner.destroy()

  const { db } = database
  const waysOf = async (application = '') =>
    (await readSteps(db, application)).map(({ from, to, actor, at }) => [from, to, actor, at.toISOString()])
  const first = (entity: string) => [null, 'applied', entity, '2026-01-01T00:00:00.000Z']
  const second = ['applied', 'under-review', CLERK, '2026-01-02T00:00:00.000Z']
  expect(await waysOf(APPLIED)).toEqual([first('https://a.example')])
  expect(await waysOf(TAKEN)).toEqual([first('https://b.example'), second])
  expect(await waysOf(APPROVED)).toEqual([
    first('https://c.example'),
    second,
    ['under-review', 'approved', BO, '2026-01-03T00:00:00.000Z'],
  ])
  expect(await readApplication(db, TAKEN ?? '')).toMatchObject({
    state: 'under-review',
    step: 2,
    revision: 1,
    takenBy: CLERK,
    dossier: { identifiers: [], evidence: [], scenarios: [] },
  })
  // Whoever was taken up, or became a provider, has its keys for itself.
  const claims = await db
    .selectFrom('application_key')
    .select(['kid', 'application_id'])
    .orderBy('kid')
    .execute()
  expect(claims).toEqual([
    { kid: 'kb', application_id: TAKEN },
    { kid: 'kc', application_id: APPROVED },
  ])
})
