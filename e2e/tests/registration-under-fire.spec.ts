import { setTimeout as sleep } from 'node:timers/promises'

import { parseCode } from '@arc3088/codec'
import { startLocalPostgres } from '@arc3088/local-postgres'
import pg from 'pg'
import { expect, test } from 'vitest'

import { environmentOfProcess, startProvider } from '../programs/provider-process.ts'
import { startSandbox, takePlace } from '../programs/run-sandbox.ts'

const ONTOLOGY = '1.2.156.3088.1.1.34C2.478BDF.0'
const EXAMPLE = '1.2.156.3088.1.1.34C2.478BDF.3GF546'
const REGISTRATIONS = 10_000
const CONNECTIONS = 64
const RETRIED_EVERY = 3
const KILL_AT = REGISTRATIONS / 2
const TIMEOUT_MS = 180_000

/** What a registration needs, wherever the provider is just now. */
interface Desk {
  readonly url: string
  readonly token: string
}

interface Acknowledged {
  readonly nth: number
  readonly body: string
}

/** Asks until the provider answers: it may be dead for a while. Anything but 201 and 503 is wrong. */
async function register({ url, token }: Desk, nth: number): Promise<string> {
  for (;;) {
    const response = await fetch(`${url}/v1/ontologies/${ONTOLOGY}/instances`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': `under-fire-${nth}`,
      },
      body: '{}',
    }).catch(() => undefined)
    const body = await response?.text().catch(() => undefined)
    if (response?.status === 201 && body !== undefined) return body
    if (response !== undefined && body !== undefined && response.status !== 503) {
      throw new Error(`registration ${nth}: ${response.status} ${body}`)
    }
    await sleep(20)
  }
}

/** Registers everything over so many connections; a third goes to the end of the queue, to be sent again. */
async function registerAll(desk: Desk, acknowledge: (done: Acknowledged) => void): Promise<void> {
  const queue = Array.from({ length: REGISTRATIONS }, (_, nth) => nth)
  const sent = new Set<number>()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let nth = queue.shift(); nth !== undefined; nth = queue.shift()) {
        const isFirst = !sent.has(nth)
        sent.add(nth)
        if (isFirst && nth % RETRIED_EVERY === 0) queue.push(nth)
        acknowledge({ nth, body: await register(desk, nth) })
      }
    }),
  )
}

test(
  '10,000 registrations, a third sent twice, the provider killed in the middle: each code once, each answer the same',
  { timeout: TIMEOUT_MS },
  async () => {
    await using postgres = await startLocalPostgres()
    using place = await takePlace()
    const sandbox = await startSandbox(place, { environment: { POSTGRES_ADMIN_URL: postgres.adminUrl } })
    const [company] = sandbox.description().providers
    if (company === undefined) throw new Error('the sandbox has no provider')
    const environment = environmentOfProcess(company.pid)
    await sandbox.stop()

    // Alone, with the root down: what it needs of the root it has kept.
    await using first = await startProvider(environment)
    const bodies = new Map<number, string[]>()
    const enough = Promise.withResolvers<void>()
    let count = 0
    const registering = registerAll(
      { url: company.url, token: company.requesters[0]?.token ?? '' },
      (done) => {
        bodies.set(done.nth, [...(bodies.get(done.nth) ?? []), done.body])
        count += 1
        if (count === KILL_AT) enough.resolve()
      },
    )
    await Promise.race([enough.promise, registering])
    await first.kill()
    await using second = await startProvider(environment)
    await registering
    expect(second.child.exitCode).toBeNull()

    const answers = [...bodies.values()]
    const retried = answers.filter((each) => each.length > 1)
    expect(answers).toHaveLength(REGISTRATIONS)
    expect(retried).toHaveLength(Math.ceil(REGISTRATIONS / RETRIED_EVERY))
    expect(retried.filter(([one, other]) => one !== other)).toEqual([])
    const codes = new Set(answers.map(([body]) => (JSON.parse(body ?? '') as { code: string }).code))
    expect(codes.size).toBe(REGISTRATIONS)
    expect(await readLedger(environment['DATABASE_URL'] ?? '')).toEqual(numbersOf([EXAMPLE, ...codes]))
  },
)

/** The instance numbers below the ontology for which the ledger and a signed record stand. */
async function readLedger(url: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { ontology } = parseCode(ONTOLOGY)
    const { rows } = await client.query<{ instance: string }>(
      `select instance from code_ledger join assignment_record using (provider, requester, ontology, instance)
       where ontology = $1 and instance > 0`,
      [ontology],
    )
    return rows.map(({ instance }) => Number(instance)).toSorted((a, b) => a - b)
  } finally {
    await client.end()
  }
}

function numbersOf(codes: readonly string[]): number[] {
  return codes.map((code) => parseCode(code).instance).toSorted((a, b) => a - b)
}
