import { runNodeCommand } from '@arc3088/issuer'
import { backUpDatabase, waitFor } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { ROOT_MIGRATIONS } from '../src/db/migrations/index.ts'
import { ROOT_ROLES } from '../src/permissions.ts'
import { readStatementPlaces } from '../src/providers/statement-places.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, outcomeOf, proposeFor, readJson, type TestApplicant } from './test-applicant.ts'

/** Runs a command of the node, as its operator does while no process of it runs. */
async function operate(root: TestRoot, ...argv: string[]): Promise<{ code: number; output: string }> {
  const lines: string[] = []
  const environment = {
    ENTITY_ID: root.url,
    DATABASE_URL: root.database.appUrl,
    JOURNAL_DIR: `${root.keys.directory}/journal`,
    KEYS_DIR: root.keys.directory,
    ALLOW_LOOPBACK_HTTP: 'true',
  }
  const code = await runNodeCommand({
    argv,
    environment,
    service: 'root',
    migrations: ROOT_MIGRATIONS,
    roles: ROOT_ROLES,
    witnessesOf: () => Promise.resolve([]),
    placesBesideRecords: readStatementPlaces,
    write: (line) => void lines.push(line),
    serve: () => Promise.reject(new Error('nothing is served')),
  })
  return { code, output: lines.join('\n') }
}

/** Has a code decided by two officers; answers it with the hash of the decision. */
async function assign(
  root: TestRoot,
  applicant: TestApplicant,
  code: string | null,
): Promise<{ code: string; decision: string }> {
  const proposal = await proposeFor(root, applicant, code)
  const response = await root.approve(proposal)
  if (response.status !== 201) throw new Error(await response.text())
  const row = await root.database.db
    .selectFrom('decision')
    .select('hash')
    .where('proposal_id', '=', proposal.id)
    .executeTakeFirstOrThrow()
  return { code: String((await outcomeOf(response))['code']), decision: row.hash }
}

const statusOf = async (root: TestRoot, path: string) => (await root.get(path)).status

/** Waits until the log has been shown as far as it goes. */
async function untilLogged(root: TestRoot): Promise<void> {
  await waitFor(
    async () => {
      const { n } = await root.database.db
        .selectFrom('log_queue')
        .select(({ fn }) => fn.countAll<string>().as('n'))
        .executeTakeFirstOrThrow()
      return n === '0' || Number(n) === 0
    },
    { timeoutMs: 60_000 },
  )
}

test('after a restore a root notices, only reads, burns, and decides anew: no code and no decision comes again', async () => {
  await using root = await startTestRoot()
  await using early = await createApplicant(root)
  await using drawn = await createApplicant(root)
  await using chosen = await createApplicant(root)
  const kept = await assign(root, early, 'E1')
  await untilLogged(root)
  await root.down()
  const backup = await backUpDatabase(root.database)
  await root.up()
  const lost = [await assign(root, drawn, null), await assign(root, chosen, 'C7')]
  for (const { decision } of lost) expect(await statusOf(root, `/v1/decisions/${decision}`)).toBe(200)
  await untilLogged(root)
  await root.down()
  await backup.putBack()

  await root.up()
  expect(await readJson(await root.get('/readyz'))).toMatchObject({
    status: 'degraded',
    checks: expect.arrayContaining([
      { name: 'writes', ok: false, detail: expect.stringContaining('older than its journal') as string },
    ]) as object[],
  })
  // Nothing is decided, and nothing is taken in, while it only reads.
  expect((await chosen.apply()).status).toBe(503)
  expect(await statusOf(root, `/v1/codes/${kept.code}`)).toBe(200)
  expect(await statusOf(root, `/v1/decisions/${kept.decision}`)).toBe(200)
  await root.down()

  expect((await operate(root, 'restore:check')).code).toBe(1)
  const burnt = await operate(root, 'restore:burn', '--confirm', root.url)
  expect([burnt.code, burnt.output]).toEqual([0, expect.stringContaining('"chosenCodes":1')])
  expect((await operate(root, 'restore:check')).code).toBe(0)

  await root.up()
  await expect(assign(root, chosen, 'C7')).rejects.toThrow('code-taken')
  for (const each of lost) expect(await statusOf(root, `/v1/codes/${each.code}`)).toBe(410)
  const again = await assign(root, drawn, null)
  expect([kept, ...lost].map(({ code }) => code)).not.toContain(again.code)
  expect([kept, ...lost].map(({ decision }) => decision)).not.toContain(again.decision)
  // What was decided in the life that is lost is no decision here, and nothing follows from it.
  for (const { decision } of lost) expect(await statusOf(root, `/v1/decisions/${decision}`)).toBe(404)
  const entities = (await (await root.get('/federation/list')).json()) as string[]
  expect(entities.toSorted()).toEqual([early.entityId, drawn.entityId].toSorted())
})
