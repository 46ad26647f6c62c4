import { MEDIA_TYPE, verifyIndicators } from '@arc3088/records'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { federationKeys, WARNING } from './authority-lists.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, makeProvider, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
const applicants: TestApplicant[] = []
let ahead = 0
beforeAll(async () => {
  root = await startTestRoot({ now: () => new Date(Date.now() + ahead) })
})
afterAll(async () => {
  for (const each of applicants) await each[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

async function applicant(organization?: object): Promise<TestApplicant> {
  const one = await createApplicant(root, organization)
  applicants.push(one)
  return one
}

/** Figures are counted once a minute. */
const aMinuteLater = () => {
  ahead += 60_000
}

const figures = async () => await readJson(await root.get('/v1/indicators'))

test('the figures of a new root are nothing', async () => {
  expect(await figures()).toMatchObject({
    figures: {
      providers: { total: 0, growth: [] },
      codes: [],
      agreements: { total: 0 },
      // Of all figures these alone are counted from what nobody signed, and they say so.
      applications: { unproven: true, total: 0, steps: [] },
      advisories: { total: 0 },
      certifiers: { total: 0 },
    },
  })
})

test('they count what was decided, and measure the steps of applications', async () => {
  await makeProvider(root, await applicant(), 'A')
  await makeProvider(root, await applicant({ name: 'Institute', country: 'SG' }), 'B')
  await (await applicant()).apply()
  await root.act('advisory:publish', { ...WARNING, affected: ['1.2.156.3088.1.A'] })
  aMinuteLater()
  const month = new Date(Date.now() + ahead).toISOString().slice(0, 7)
  expect(await figures()).toMatchObject({
    figures: {
      providers: {
        total: 2,
        by_state: { active: 2 },
        by_kind: { domestic: 1, overseas: 1 },
        by_country: { CN: 1, SG: 1 },
      },
      codes: [{ level: 'provider', status: 'active', count: 2 }],
      applications: {
        unproven: true,
        total: 3,
        by_state: { applied: 1, approved: 2 },
        steps: [
          { step: 'applied', count: 2, median_seconds: expect.any(Number) as number },
          { step: 'under-review', count: 2, p90_seconds: expect.any(Number) as number },
        ],
      },
      advisories: { total: 1, by_state: { published: 1 } },
    },
  })
  const { growth } = ((await figures())['figures'] as { providers: { growth: object[] } }).providers
  expect(growth.at(-1)).toMatchObject({ month, total: 2 })
})

test('signed they say the same, and are the same bytes for a minute', async () => {
  const get = async () => await root.get('/v1/indicators', { accept: MEDIA_TYPE.indicators })
  const response = await get()
  const text = await response.text()
  const verified = await verifyIndicators(text, federationKeys(root))
  if (verified.kind === 'rejected') throw new Error(verified.detail)
  expect(verified.claims.figures).toEqual((await figures())['figures'])
  expect(await (await get()).text()).toBe(text)
  const etag = response.headers.get('etag') ?? ''
  const headers = { accept: MEDIA_TYPE.indicators, 'if-none-match': etag }
  expect((await root.get('/v1/indicators', headers)).status).toBe(304)
})
