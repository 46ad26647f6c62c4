import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { exitCodeOf } from '../programs/processes.ts'
import { arc3088 } from '../programs/run-cli.ts'
import {
  pidsOf,
  runSandbox,
  startSandbox,
  takePlace,
  whatIsLeft,
  type RunningSandbox,
  type SandboxPlace,
} from '../programs/run-sandbox.ts'

const EXAMPLE = '1.2.156.3088.1.1.34C2.478BDF.3GF546'
const OVERSEAS_EXAMPLE = '2.999.3088.1.1.F1.AURORA.1'
const NOTHING = { pids: [], ports: [] }

let place: SandboxPlace
beforeAll(async () => {
  place = await takePlace()
})
afterAll(() => place[Symbol.dispose]())

const ask = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>

describe('one sandbox, from nothing', () => {
  let sandbox: RunningSandbox
  beforeAll(async () => {
    sandbox = await startSandbox(place, { boot: true })
  })
  afterAll(async () => await sandbox.stop())

  test('ends with the example of annex C issued, and the resolver says valid', async () => {
    const { resolver, example } = sandbox.description()
    expect(example).toBe(EXAMPLE)
    expect(await ask(`${resolver.url}/v1/resolve/${EXAMPLE}`)).toMatchObject({
      code: EXAMPLE,
      verdict: 'valid',
      log: 'proved',
    })
  })

  test('ends with the example of the overseas root issued there, and valid here by the agreement', async () => {
    const { resolver, overseas } = sandbox.description()
    expect(overseas.example).toBe(OVERSEAS_EXAMPLE)
    expect(await ask(`${resolver.url}/v1/resolve/${OVERSEAS_EXAMPLE}`)).toMatchObject({
      code: OVERSEAS_EXAMPLE,
      verdict: 'valid',
      log: 'proved',
      recognition: { trust_anchor: overseas.root.url, state: 'in-force' },
    })
  })

  test('every log is sound, and cosigned by a witness of another node', async () => {
    const { root, providers, overseas, anchor } = sandbox.description()
    const hostOf = ({ url }: { url: string }) => new URL(url).host
    // A root's log by its providers and by the other root, a provider's by its root.
    const families = [
      { top: root, other: overseas.root, below: providers, pinned: anchor },
      { top: overseas.root, other: root, below: overseas.providers, pinned: overseas.anchor },
    ]
    const logs = families.flatMap(({ top, other, below, pinned }) => [
      { url: top.url, hosts: [...below, other].map(hostOf), pinned },
      ...below.map(({ url }) => ({ url, hosts: [hostOf(top)], pinned })),
    ])
    for (const { url, hosts, pinned } of logs) {
      const cosigned = async () => {
        const { code, json } = await arc3088(['log', 'fsck', `${url}/tlog`, '--anchor', pinned, '--json'])
        expect([code, json()]).toEqual([0, expect.objectContaining({ sound: true, faults: [] })])
        return json()['witnesses'] as string[]
      }
      // A root demands its first cosignature once its log has it.
      await expect.poll(async () => (await cosigned()).length).toBeGreaterThan(0)
      expect(hosts).toEqual(expect.arrayContaining(await cosigned()))
    }
  })

  test('takes lower case for the same code, and answers the canonical spelling', async () => {
    const { resolver } = sandbox.description()
    const answer = await ask(`${resolver.url}/v1/resolve/${EXAMPLE.toLowerCase()}`)
    expect(answer).toMatchObject({ code: EXAMPLE, verdict: 'valid' })
  })

  test('says in sandbox.json how to act at each node, to its owner alone', async () => {
    const { root, providers, resolver, overseas, anchor } = sandbox.description()
    expect(statSync(join(place.stateDir, 'sandbox.json')).mode & 0o777).toBe(0o600)
    expect([root.officers.length, ...providers.map(({ staff }) => staff.length)]).toEqual([3, 2, 2])
    expect(providers.map(({ code }) => code)).toEqual(['1', '2'])
    expect(providers[0]?.requesters.map(({ code }) => code)).toEqual(['34C2'])
    expect(anchor).toBe(join(place.stateDir, 'anchor.json'))
    expect(overseas.anchor).toBe(join(place.stateDir, 'overseas-root-anchor.json'))
    expect(
      overseas.providers.map(({ code, requesters }) => [code, requesters.map((each) => each.code)]),
    ).toEqual([['1', ['F1']]])
    for (const { officers, officer_keys: keys } of [root, overseas.root]) {
      expect([officers.length, new Set(keys).size]).toEqual([3, 3])
      expect(keys.map((file) => statSync(file).mode & 0o077)).toEqual([0, 0, 0])
    }
    expect(Number.isInteger(resolver.pid)).toBe(true)
    const headers = { authorization: `Bearer ${root.officers[0] ?? ''}` }
    expect((await fetch(`${root.url}/v1/desk/proposals`, { headers })).status).toBe(200)
  })

  test('answers on IPv6 as on IPv4, where the machine has it', async () => {
    const { resolver } = sandbox.description()
    const { port } = new URL(resolver.url)
    const hasIpv6 = await new Promise((resolve) => {
      const probe = createServer().once('error', () => resolve(false))
      probe.listen(0, '::1', () => probe.close(() => resolve(true)))
    })
    const host = hasIpv6 === true ? '[::1]' : '127.0.0.1'
    expect((await fetch(`http://${host}:${port}/livez`)).status).toBe(200)
  })

  test('the command line walks the nodes itself, trusting the anchor alone', async () => {
    const { anchor } = sandbox.description()
    const { code, json } = await arc3088(['resolve', EXAMPLE.toLowerCase(), '--anchor', anchor, '--json'])
    expect([code, json()]).toEqual([0, expect.objectContaining({ code: EXAMPLE, verdict: 'valid' })])
  })

  test('the command line asks a resolver, and says the same', async () => {
    const { resolver } = sandbox.description()
    const { code, json } = await arc3088(['resolve', EXAMPLE, '--resolver', resolver.url, '--json'])
    expect([code, json()]).toEqual([0, expect.objectContaining({ code: EXAMPLE, verdict: 'valid' })])
  })

  test('a code that was never assigned is exit 1, by a signed negative', async () => {
    const { anchor } = sandbox.description()
    const never = '1.2.156.3088.1.1.34C2.478BDF.ZZZZZZ'
    const { code, json } = await arc3088(['resolve', never, '--anchor', anchor, '--json'])
    expect([code, json()['verdict']]).toEqual([1, 'not-assigned'])
  })

  test('a refusal of a node is its code and detail, exit 1', async () => {
    const { root } = sandbox.description()
    const options = { environment: { ARC3088_TOKEN: 'arc3088_nobody' } }
    const { code, stderr } = await arc3088(['desk', 'proposals', 'list', '--url', root.url], options)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^unauthenticated: /)])
  })

  test('a second sandbox in the same folder says that one runs', async () => {
    const second = runSandbox(place)
    expect(await exitCodeOf(second.child)).toBe(1)
    expect(second.output()).toContain('a sandbox runs here already')
  })

  test('a second sandbox on the same ports names the port', async () => {
    using elsewhere = await takePlace()
    const environment = { ARC3088_PORT_BASE: String(place.portBase) }
    const second = runSandbox(elsewhere, { environment })
    expect(await exitCodeOf(second.child)).toBe(1)
    expect(second.output()).toContain(`port ${place.portBase + 88} (root) is taken`)
  })

  test('SIGTERM to boot leaves no process and no port', async () => {
    const pids = pidsOf(place)
    // Six nodes, and PostgreSQL with its guardian unless it is somebody else's.
    expect(pids).toHaveLength(process.env['POSTGRES_ADMIN_URL'] ? 6 : 8)
    expect(await sandbox.stop()).toBe(0)
    expect(await whatIsLeft(pids, place.ports)).toEqual(NOTHING)
  })
})

describe('the same sandbox, later', () => {
  test('a second start keeps the state, and SIGKILL to it leaves no process and no port', async () => {
    const before = readFileSync(join(place.stateDir, 'secrets.json'), 'utf8')
    await using sandbox = await startSandbox(place)
    expect(sandbox.output()).not.toContain('applied')
    expect(readFileSync(join(place.stateDir, 'secrets.json'), 'utf8')).toBe(before)
    const { resolver } = sandbox.description()
    expect(await ask(`${resolver.url}/v1/resolve/${EXAMPLE}`)).toMatchObject({ verdict: 'valid' })
    const pids = pidsOf(place)
    sandbox.child.kill('SIGKILL')
    expect(await whatIsLeft(pids, place.ports)).toEqual(NOTHING)
  })

  test('a node that dies is named, with the end of its log, and everything stops', async () => {
    await using sandbox = await startSandbox(place)
    const pids = pidsOf(place)
    process.kill(sandbox.description().providers[1]?.pid ?? 0, 'SIGKILL')
    expect(await exitCodeOf(sandbox.child)).toBe(1)
    expect(sandbox.output()).toMatch(
      /sandbox: provider-2 ended \(exit SIGKILL\)[^]*provider-2\.log:\n\{"level"/,
    )
    expect(await whatIsLeft(pids, place.ports)).toEqual(NOTHING)
  })

  test('--fresh begins again; stopped on the way up, it leaves nothing either', async () => {
    const readSecrets = () => readFileSync(join(place.stateDir, 'secrets.json'), 'utf8')
    const before = readSecrets()
    await using sandbox = runSandbox(place, { args: ['--fresh'] })
    await sandbox.said('all nodes are up')
    expect(sandbox.output()).toContain(`forgot ${place.stateDir}`)
    expect(readSecrets()).not.toBe(before)
    expect(await sandbox.stop()).toBe(0)
    expect(await whatIsLeft(notedPids(place), place.ports)).toEqual(NOTHING)
  })
})

test('reaches the same end however often it is killed on the way', async () => {
  using elsewhere = await takePlace()
  const steps = [
    'an officer took the application of provider-1',
    'Institute B applied',
    'its ontology was approved',
    'root proposed an agreement to overseas-root',
    'overseas-root countersigned',
  ]
  for (const step of steps) {
    const sandbox = runSandbox(elsewhere)
    // What an earlier start has done already is not said again.
    await Promise.race([sandbox.said(step), sandbox.said('ready in')])
    sandbox.child.kill('SIGKILL')
    await exitCodeOf(sandbox.child)
  }
  loseOfficers(elsewhere)
  await using sandbox = await startSandbox(elsewhere)
  const { resolver } = sandbox.description()
  for (const code of [EXAMPLE, OVERSEAS_EXAMPLE])
    expect(await ask(`${resolver.url}/v1/resolve/${code}`)).toMatchObject({ verdict: 'valid' })
})

/** As if it had been killed between the making of the officers and the writing down of their tokens. */
function loseOfficers({ stateDir }: SandboxPlace): void {
  const file = join(stateDir, 'secrets.json')
  const secrets = JSON.parse(readFileSync(file, 'utf8')) as { nodes: Record<string, object> }
  const lost = { ...secrets.nodes['root'], operators: [] }
  writeFileSync(file, JSON.stringify({ ...secrets, nodes: { ...secrets.nodes, root: lost } }))
}

/** What the sandbox itself noted of its processes. */
function notedPids({ stateDir }: SandboxPlace): number[] {
  const text = readFileSync(join(stateDir, 'processes.json'), 'utf8')
  return (JSON.parse(text) as { pid: number }[]).map(({ pid }) => pid)
}
