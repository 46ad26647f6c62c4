import { PROBLEMS } from '@arc3088/problems'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { readJson, startTestService, type TestService } from './start-test-service.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService(() => undefined)
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

test('the type of every problem leads to a page that names it in both languages', async () => {
  for (const [code, { title, title_zh: titleZh }] of Object.entries(PROBLEMS)) {
    const page = await fetch(`${service.url}/problems/${code}`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
    const text = await page.text()
    expect(text).toContain(code)
    expect(text).toContain(titleZh)
    expect(text).toContain(title.replaceAll("'", '&#39;'))
  }
})

test.each(['nothing-of-the-kind', 'constructor', '__proto__'])('there is no page for %s', async (code) => {
  const answer = await fetch(`${service.url}/problems/${code}`)
  expect([answer.status, (await readJson(answer))['code']]).toEqual([404, 'route-not-found'])
})
