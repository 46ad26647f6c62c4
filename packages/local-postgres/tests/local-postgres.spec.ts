import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import { afterAll, expect, test } from 'vitest'

import { postgresFor, startLocalPostgres } from '../src/index.ts'
import { becomesTrue } from '../src/processes.ts'

const scratch = mkdtempSync(join(tmpdir(), 'arc3088-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let folders = 0
const freshFolder = () => join(scratch, `folder-${++folders}`, 'postgres')

interface Owned {
  readonly adminUrl: string
  readonly pid: number
  readonly guardianPid: number
}

/** Another process that owns a server. */
async function startOwner(...args: string[]): Promise<Owned & { kill: () => void }> {
  const owner = spawn(
    process.execPath,
    ['--conditions=@arc3088/source', join(import.meta.dirname, 'owner.ts'), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const line = await new Promise<string>((resolve, reject) => {
    owner.stdout.setEncoding('utf8').once('data', resolve)
    owner.once('exit', (code) => reject(new Error(`the owner exited with ${code}`)))
  })
  return { ...(JSON.parse(line) as Owned), kill: () => owner.kill('SIGKILL') }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

test('starts PostgreSQL 18 on 127.0.0.1 alone, with a password, and room for 200 connections', async () => {
  await using server = await startLocalPostgres()
  const settings = await query<{ name: string; setting: string }>(
    server.adminUrl,
    `select name, setting from pg_settings
     where name in ('listen_addresses', 'max_connections', 'fsync', 'server_version_num', 'unix_socket_directories')`,
  )
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'off',
    listen_addresses: '127.0.0.1',
    max_connections: '200',
    server_version_num: expect.stringMatching(/^18/),
    unix_socket_directories: '',
  })
  const wrong = new URL(server.adminUrl)
  wrong.password = 'guess'
  await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
})

test('removes the folder of a server that was to leave nothing', async () => {
  const server = await startLocalPostgres()
  const [row] = await query<{ data: string }>(
    server.adminUrl,
    `select current_setting('data_directory') as data`,
  )
  expect(existsSync(row?.data ?? '')).toBe(true)
  await server.stop()
  await server.stop()
  expect(existsSync(row?.data ?? '')).toBe(false)
  expect(isRunning(server.pid)).toBe(false)
  expect(isRunning(server.guardianPid)).toBe(false)
})

test('keeps rows from one start to the next, with fsync, where nobody else may enter', async () => {
  const dataDir = freshFolder()
  // Under a folder that only its owner may enter, as under /root: mkdtemp makes them so.
  {
    await using server = await startLocalPostgres({ dataDir })
    await query(server.adminUrl, 'create table kept as select 1 as one')
  }
  await using server = await startLocalPostgres({ dataDir })
  expect(await query(server.adminUrl, 'select one from kept')).toEqual([{ one: 1 }])
  expect(await query(server.adminUrl, 'show fsync')).toEqual([{ fsync: 'on' }])
})

test('refuses a folder whose owner is alive, and leaves that server alone', async () => {
  const dataDir = freshFolder()
  await using server = await startLocalPostgres({ dataDir })
  await expect(startLocalPostgres({ dataDir })).rejects.toMatchObject({ failure: 'in-use' })
  expect(await query(server.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('names the reason when PostgreSQL does not start, and leaves nothing running', async () => {
  const dataDir = freshFolder()
  const starting = startLocalPostgres({ dataDir, settings: { max_connections: 'many' } })
  await expect(starting).rejects.toMatchObject({
    failure: 'start',
    message: expect.stringContaining('max_connections'),
  })
  await using server = await startLocalPostgres({ dataDir })
  expect(await query(server.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('stops the server of an owner that was killed, after letting its clients finish', async () => {
  const owner = await startOwner()
  const client = new pg.Client({ connectionString: owner.adminUrl })
  await client.connect()
  const working = client.query<{ done: number }>('select pg_sleep(1), 1 as done')
  owner.kill()
  expect((await working).rows[0]?.done).toBe(1)
  await client.end()
  expect(await becomesTrue(() => !isRunning(owner.pid) && !isRunning(owner.guardianPid), 60_000)).toBe(true)
})

test('stops a server whose owner and guardian were killed, and starts again with its rows', async () => {
  const dataDir = freshFolder()
  const owner = await startOwner(dataDir)
  await query(owner.adminUrl, 'create table kept as select 1 as one')
  process.kill(owner.guardianPid, 'SIGSTOP')
  owner.kill()
  process.kill(owner.guardianPid, 'SIGKILL')
  expect(await becomesTrue(() => !isRunning(owner.guardianPid), 60_000)).toBe(true)
  expect(isRunning(owner.pid)).toBe(true)
  await using server = await startLocalPostgres({ dataDir })
  expect(isRunning(owner.pid)).toBe(false)
  expect(await query(server.adminUrl, 'select one from kept')).toEqual([{ one: 1 }])
})

test('starts although postmaster.pid names a process that is none of ours, and leaves that alone', async () => {
  const dataDir = freshFolder()
  await (await startLocalPostgres({ dataDir })).stop()
  const bystander = spawn('sleep', ['60'])
  try {
    writeFileSync(join(dataDir, 'data', 'postmaster.pid'), `${bystander.pid}\n${dataDir}/data\n0\n5432\n\n\n`)
    await using server = await startLocalPostgres({ dataDir })
    expect(await query(server.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(bystander.exitCode).toBeNull()
    expect(bystander.signalCode).toBeNull()
  } finally {
    bystander.kill()
  }
})

test('stops the server itself when its guardian is killed', async () => {
  const server = await startLocalPostgres()
  process.kill(server.guardianPid, 'SIGKILL')
  expect(await becomesTrue(() => !isRunning(server.pid), 60_000)).toBe(true)
  await server.stop()
})

test('starts nothing where another server is named', async () => {
  const adminUrl = 'postgres://somebody@127.0.0.1:1/postgres'
  const server = await postgresFor({ adminUrl })
  expect(server.adminUrl).toBe(adminUrl)
  await server.stop()
})
