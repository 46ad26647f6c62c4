import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { systemAmbient } from '@arc3088/service'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { openJournal, type OpenJournal } from '../src/journal/open-journal.ts'
import { createWriteGate } from '../src/journal/write-gate.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'arc3088-journal-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

async function open(options: { fileBytesMax?: number; onFailure?: (error: Error) => void } = {}) {
  return await openJournal({
    directory,
    entityId: 'https://p1.example',
    ambient: systemAmbient(),
    onFailure: (error) => {
      throw error
    },
    ...options,
  })
}

async function chosenIn(journal: OpenJournal): Promise<number[]> {
  const found: number[] = []
  for await (const keys of journal.chosenCodes()) found.push(...keys.map(({ instance }) => instance))
  return found.toSorted((a, b) => a - b)
}

const key = (instance: number) => ({ provider: 1, requester: 2, ontology: 3, instance })
const lines = () =>
  readdirSync(directory).flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'))

describe('what was told is there', () => {
  test('for the next process: leases, lists, ranges, chosen codes, the largest checkpoint and log entries', async () => {
    const first = await open()
    expect(first.wasEmpty).toBe(true)
    const range = {
      id: 'r1',
      level: 'instance',
      name: 'general',
      kind: 'scrambled',
      first: 10,
      last: 99,
      scrambleKey: new Uint8Array([1, 2, 3]),
    } as const
    await first.range(range)
    await Promise.all([first.lease({ rangeId: 'r1', upTo: 64 }), first.lease({ rangeId: 'r1', upTo: 32 })])
    await first.lease({ statusList: 4, level: 'instance', upTo: 2048 })
    await first.chosen([key(7), key(8)])
    await first.checkpoint('o/tlog\n10\nAAAA\n\nsig\n')
    await first.checkpoint('o/tlog\n9\nAAAA\n\nsig\n')
    await first.appended({ from: 5, entries: ['a', 'b'] })
    await first.close()

    await using second = Object.assign(await open(), closing)
    expect(second.wasEmpty).toBe(false)
    expect([...second.marks.leases]).toEqual([['r1', 64]])
    expect([...second.marks.lists.values()]).toEqual([{ statusList: 4, level: 'instance', upTo: 2048 }])
    expect(second.marks.ranges.get('r1')).toMatchObject({ ...range, scrambleKey: Buffer.from([1, 2, 3]) })
    expect(second.marks.checkpoint).toContain('\n10\n')
    expect(await chosenIn(second)).toEqual([7, 8])
    const runs = []
    for await (const run of second.logEntries()) runs.push(run)
    expect(runs).toEqual([{ from: 5, entries: ['a', 'b'] }])
  })

  test('the moment its promise resolves, and calls of one turn share a line', async () => {
    await using journal = Object.assign(await open(), closing)
    await Promise.all(Array.from({ length: 100 }, (_, nth) => journal.chosen([key(nth + 1)])))
    expect(lines()).toHaveLength(1)
    expect(await chosenIn(journal)).toHaveLength(100)
  })

  test('from two processes at once, each in files of its own', async () => {
    await using one = Object.assign(await open(), closing)
    await using two = Object.assign(await open(), closing)
    await Promise.all([one.chosen([key(1)]), two.chosen([key(2)])])
    expect(readdirSync(directory)).toHaveLength(2)
    expect(await chosenIn(one)).toEqual([1, 2])
  })

  test('in files that only their owner may read', async () => {
    await using journal = Object.assign(await open(), closing)
    await journal.chosen([key(1)])
    const modes = readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777)
    expect(modes).toEqual([0o600])
  })
})

test('once begun it is not empty, though nothing was given yet', async () => {
  const first = await open()
  await first.begin()
  await first.close()
  await using second = Object.assign(await open(), closing)
  expect([second.wasEmpty, second.marks.leases.size]).toEqual([false, 0])
})

test("refuses another node's journal", async () => {
  const first = await open()
  await first.lease({ rangeId: 'r1', upTo: 1 })
  await first.close()
  const other = openJournal({
    directory,
    entityId: 'https://p2.example',
    ambient: systemAmbient(),
    onFailure: () => undefined,
  })
  await expect(other).rejects.toThrow(/journal of https:\/\/p1.example, not of https:\/\/p2.example/)
})

test('each new file begins with the marks so far, so that those before it can go', async () => {
  const journal = await open({ fileBytesMax: 400 })
  for (let upTo = 1; upTo <= 20; upTo++) await journal.lease({ rangeId: 'r1', upTo })
  await journal.checkpoint('o/tlog\n10\nAAAA\n\nsig\n')
  for (let upTo = 1; upTo <= 20; upTo++) await journal.lease({ statusList: 0, level: 'instance', upTo })
  await journal.close()
  const files = readdirSync(directory).toSorted()
  expect(files.length).toBeGreaterThan(5)
  for (const file of files.slice(0, -1)) rmSync(join(directory, file))
  await using later = Object.assign(await open(), closing)
  expect(later.marks.leases.get('r1')).toBe(20)
  expect(later.marks.lists.get(0)?.upTo).toBe(20)
  expect(later.marks.checkpoint).toContain('\n10\n')
})

test('a line torn by a crash is passed over; a damaged one is an error that names file and line', async () => {
  const journal = await open()
  for (let nth = 1; nth <= 3; nth++) await journal.chosen([key(nth)])
  await journal.close()
  const [name = ''] = readdirSync(directory)
  const path = join(directory, name)
  truncateSync(path, statSync(path).size - 5)
  await using after = Object.assign(await open(), closing)
  expect(await chosenIn(after)).toEqual([1, 2])
  truncateSync(path, 0)
  const damaged = join(directory, '2020-x-000001.marks.ndjson')
  writeFileSync(damaged, '{"crc":"00000000","at":"x","marks":[]}\n{"crc":"00000000"}\n')
  await expect(open()).rejects.toMatchObject({ file: '2020-x-000001.marks.ndjson', line: 1 })
})

test('killed by SIGKILL while it writes: everything that was acknowledged is there, and it opens again', async () => {
  const script = `
    import { openJournal } from ${JSON.stringify(new URL('../src/journal/open-journal.ts', import.meta.url).href)}
    import { systemAmbient } from '@arc3088/service'
    const journal = await openJournal({ directory: ${JSON.stringify(directory)}, entityId: 'https://p1.example',
      ambient: systemAmbient(), onFailure: () => process.exit(1), fileBytesMax: 20_000 })
    let next = 0
    const work = async () => {
      for (;;) {
        const instance = ++next
        await journal.chosen([{ provider: 1, requester: 2, ontology: 3, instance }])
        process.stdout.write(instance + '\\n')
      }
    }
    for (let n = 0; n < 8; n++) void work()`
  const child = spawn(
    process.execPath,
    ['--conditions=@arc3088/source', '--input-type=module', '-e', script],
    { cwd: new URL('..', import.meta.url).pathname, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.length > 4000) child.kill('SIGKILL')
  })
  await once(child, 'close')
  const acknowledged = said.slice(0, said.lastIndexOf('\n')).split('\n').map(Number)
  await using after = Object.assign(await open(), closing)
  const kept = new Set(await chosenIn(after))
  expect(acknowledged.length).toBeGreaterThan(500)
  expect(acknowledged.filter((instance) => !kept.has(instance))).toEqual([])
  await after.chosen([key(1_000_000)])
  expect(await chosenIn(after)).toContain(1_000_000)
})

describe('a journal that cannot be written', () => {
  test('refuses everything from then on, and shuts the gate', async () => {
    const heard: (string | undefined)[] = []
    const gate = createWriteGate((reason) => heard.push(reason))
    gate.open()
    const journal = await open({ onFailure: (error) => gate.shut(`journal: ${error.message}`) })
    rmSync(directory, { recursive: true })
    const refused = { code: 'node-read-only' }
    const told = await Promise.allSettled([
      journal.chosen([key(1)]),
      journal.lease({ rangeId: 'r', upTo: 1 }),
    ])
    expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(journal.chosen([key(2)])).rejects.toMatchObject(refused)
    expect(() => gate.demandWritable()).toThrow(/only reads now: journal: ENOENT/)
    gate.open()
    expect(gate.mode()).not.toBe('read-write')
    expect(heard).toHaveLength(3)
  })

  test('on a full disk acknowledges nothing that is not there afterwards', async () => {
    const script = `
      import { openJournal } from ${JSON.stringify(new URL('../src/journal/open-journal.ts', import.meta.url).href)}
      import { systemAmbient } from '@arc3088/service'
      const journal = await openJournal({ directory: ${JSON.stringify(directory)}, entityId: 'https://p1.example',
        ambient: systemAmbient(), onFailure: (error) => console.log('failed ' + error.code) })
      let acknowledged = 0
      try {
        for (let nth = 1; nth < 1000; nth++) {
          await journal.chosen([{ provider: 1, requester: 2, ontology: 3, instance: nth }])
          acknowledged = nth
        }
      } catch (error) { console.log('refused ' + error.code) }
      console.log('acknowledged ' + acknowledged)`
    chmodSync(directory, 0o700)
    const { stdout } = await promisify(execFile)(
      'bash',
      [
        '-c',
        `trap '' XFSZ; ulimit -f 8; exec node --conditions=@arc3088/source --input-type=module -e "$0"`,
        script,
      ],
      { cwd: new URL('..', import.meta.url).pathname },
    )
    expect(stdout).toMatch(/failed EFBIG\nrefused node-read-only\nacknowledged \d+/)
    const acknowledged = Number(/acknowledged (\d+)/.exec(stdout)?.[1])
    expect(acknowledged).toBeGreaterThan(10)
    await using after = Object.assign(await open(), closing)
    const kept = await chosenIn(after)
    expect(kept.length).toBeGreaterThanOrEqual(acknowledged)
  })
})

const closing = {
  async [Symbol.asyncDispose](this: { close(): Promise<void> }) {
    await this.close()
  },
}
