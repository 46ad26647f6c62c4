import { connect } from '@arc3088/db'
import { sql } from 'kysely'
import { expect, test } from 'vitest'

import type { RootTables } from '../src/db/tables.ts'
import { adoptProviders } from '../src/providers/adopt-providers.ts'
import { assess, createProvider, refusalOf } from './provider-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { readJson } from './test-applicant.ts'

/** As a root had them that was brought up to date: rows and records, and nothing that says who decided. */
async function forgetLives(root: TestRoot): Promise<void> {
  const owner = connect<RootTables>({
    url: root.database.ownerUrl,
    max: 1,
    applicationName: 'as-owner',
    onIdleError: () => undefined,
  })
  try {
    await sql`alter table provider_entry disable trigger provider_entry_append_only`.execute(owner)
    await owner.deleteFrom('provider_entry').execute()
    await sql`alter table provider_entry enable trigger provider_entry_append_only`.execute(owner)
  } finally {
    await owner.destroy()
  }
}

test('providers of before decisions are nothing until the ceremony takes them in, and then as they were', async () => {
  await using root = await startTestRoot()
  await using first = await createProvider(root, 'A1')
  await using second = await createProvider(root, 'A2')
  const before = await readJson(await root.get('/v1/providers/A1'))
  await root.down()
  await forgetLives(root)
  await root.up()
  const of = (path: string) => root.get(path)
  expect(await refusalOf(await of('/v1/providers/A1'))).toBe('503 decision-unproven')
  expect((await of(`/federation/fetch?sub=${encodeURIComponent(first.applicant.entityId)}`)).status).toBe(503)

  const { node, prefix } = root.root.deps
  const signer = { ambient: node.ambient, entityId: node.entityId, keys: node.keys, prefix }
  const adopted = await node.db.transaction().execute(async (tx) => await adoptProviders(tx, signer))
  expect(adopted.map(({ entityId }) => entityId)).toEqual([
    first.applicant.entityId,
    second.applicant.entityId,
  ])
  expect(await readJson(await of('/v1/providers/A1'))).toEqual(before)
  const { items } = await readJson(await of('/v1/providers/A2/history'))
  expect(items).toMatchObject([{ seq: 1, act: 'adopt', state: 'active', decision: null }])
  expect((await assess(root, second)).verdict).toBe('valid')
  const again = await node.db.transaction().execute(async (tx) => await adoptProviders(tx, signer))
  expect(again).toEqual([])
  // What comes after rests on decisions, as for any other.
  await root.act('provider:suspend', { provider: 'A1' })
  expect(await readJson(await of('/v1/providers/A1'))).toMatchObject({ state: 'suspended' })
})
