import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { connect } from '@arc3088/db'
import { waitFor } from '@arc3088/testkit'
import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { ProviderTables } from '../src/db/tables.ts'
import type { NodeProcess } from './node-process.ts'
import { approvedOntology, verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
beforeAll(async () => {
  root = await startRootProcess({ logQuorum: 1 })
  provider = await startTestProvider(root)
  await provider.appoint('1')
  await verifiedRequester(provider)
  await witnessed()
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

/** Everything that was assigned stands in the log, and the root has cosigned it. */
async function witnessed(): Promise<void> {
  const { tlog } = provider.running().deps.node
  await tlog.drainNow()
  await waitFor(
    async () => {
      const size = await treeSize()
      return size > 0 && (await tlog.head()).witnessed?.size === size
    },
    { what: 'a witnessed log' },
  )
}

/** Of all that was ever appended, shown or not. */
async function treeSize(): Promise<number> {
  const db = connect<ProviderTables>({
    url: provider.database.ownerUrl,
    max: 1,
    applicationName: 'tree-size',
    onIdleError: () => undefined,
  })
  try {
    return (await db.selectFrom('log_state').select('size').executeTakeFirstOrThrow()).size
  } finally {
    await db.destroy()
  }
}

/** What a command printed, and whether it refused. */
async function outcomeOf(run: NodeProcess['run'], ...args: string[]) {
  return await run(...args).then(
    (text) => ({ isRefused: false, text }),
    (error: { code?: unknown; stdout?: unknown }) => ({
      isRefused: error.code === 1,
      text: String(error.stdout),
    }),
  )
}

/** The size of the newest checkpoint that is shown, where it is cosigned; else 0. */
async function cosignedSize(url: string): Promise<number> {
  const lines = (await (await fetch(`${url}/tlog/checkpoint`)).text()).split('\n')
  const signatures = lines.filter((line) => line.startsWith('— '))
  return signatures.length < 2 ? 0 : Number(lines[1])
}

async function asAdmin(work: (admin: Kysely<unknown>) => Promise<unknown>): Promise<void> {
  const url = process.env['ARC3088_TEST_ADMIN_URL'] ?? ''
  const admin = connect<unknown>({ url, max: 1, applicationName: 'as-admin', onIdleError: () => undefined })
  try {
    await work(admin)
  } finally {
    await admin.destroy()
  }
}

test('restore:check of a root asks the providers that its database knows as witnesses', async () => {
  await waitFor(async () => (await cosignedSize(root.url)) > 0, {
    what: 'a checkpoint that the provider cosigned',
  })
  await root.stop()
  const { isRefused, text } = await outcomeOf(root.run, 'restore:check')
  expect([isRefused, text]).toEqual([false, expect.stringContaining(`witness ${provider.url}/: agrees\n`)])
  await root.start()
})

test('restore:check of a provider asks the root: it alone notices database and journal put back together', async () => {
  const journal = join(provider.keysDirectory, 'journal')
  const name = new URL(provider.database.appUrl).pathname.slice(1)
  const node = await provider.asProcess()
  const agreed = await outcomeOf(node.run, 'restore:check')
  expect([agreed.isRefused, agreed.text]).toEqual([
    false,
    expect.stringContaining(`witness ${root.url}/: agrees\n`),
  ])

  cpSync(journal, `${journal}-backup`, { recursive: true })
  const disconnect = (admin: Kysely<unknown>) =>
    sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`.execute(admin)
  await asAdmin(async (admin) => {
    await disconnect(admin)
    await sql`create database ${sql.id(`${name}_backup`)} template ${sql.id(name)}`.execute(admin)
  })
  // The root may cosign what the copy has too: only what it sees beyond is a witness against it.
  const copied = await treeSize()
  await node.start()
  await approvedOntology(provider, await verifiedRequester(provider))
  await waitFor(async () => (await cosignedSize(provider.url)) > copied, {
    what: 'the root to see more',
  })
  await node.stop()

  rmSync(journal, { recursive: true })
  cpSync(`${journal}-backup`, journal, { recursive: true })
  await asAdmin(async (admin) => {
    await sql`drop database ${sql.id(name)} with (force)`.execute(admin)
    await sql`alter database ${sql.id(`${name}_backup`)} rename to ${sql.id(name)}`.execute(admin)
  })
  const noticed = await outcomeOf(node.run, 'restore:check')
  expect([noticed.isRefused, noticed.text]).toEqual([
    true,
    expect.stringMatching(new RegExp(`^witness ${root.url}/: ahead\nrestore-refused: `)),
  ])

  await root.stop()
  const unheard = await outcomeOf(node.run, 'restore:check')
  expect(unheard.text).toMatch(new RegExp(`^witness ${root.url}/: silent \\(`))
})
