import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { bareEnvironment } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { proposeTo, startPair, termsWith, untilStage } from './agreement-roots.ts'
import type { TestProposal, TestRoot } from './start-test-root.ts'

const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

let pair: Awaited<ReturnType<typeof startPair>>
beforeAll(async () => {
  pair = await startPair()
})
afterAll(async () => {
  await pair[Symbol.asyncDispose]()
})

/** `arc3088 agreement …` as ann runs it at her root. */
async function agreement(root: TestRoot, ...args: readonly string[]) {
  const command = ['--conditions=@arc3088/source', MAIN, 'agreement', ...args, '--url', root.url, '--json']
  const child = spawn(process.execPath, command, {
    env: { ...bareEnvironment(), ARC3088_TOKEN: root.officer('ann').token },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece))
  child.stderr.resume()
  const [exitCode]: unknown[] = await once(child, 'close')
  const [line = ''] = out.trimEnd().split('\n')
  return { exitCode, answer: (line.startsWith('{') ? JSON.parse(line) : {}) as Record<string, unknown> }
}

async function decided(root: TestRoot, answer: Record<string, unknown>): Promise<void> {
  const proposal = answer as unknown as TestProposal
  await root.sign(proposal)
  const approval = await root.approve(proposal)
  if (approval.status !== 201) throw new Error(await approval.text())
}

test('the command line proposes, countersigns, suspends, resumes and ends an agreement, each by two officers', async () => {
  const { home, overseas } = pair
  const terms = JSON.stringify(termsWith([overseas]))
  const proposed = await agreement(home, 'propose', '--terms', terms, '--reason', 'as agreed')
  expect(proposed).toMatchObject({ exitCode: 0, answer: { kind: 'agreement:propose', state: 'pending' } })
  await decided(home, proposed.answer)
  const { answer: listed } = await agreement(home, 'list')
  expect(listed).toMatchObject({ stage: 'proposed', sender: home.url })
  const [jti, hash] = [String(listed['jti']), String(listed['hash'])]
  await untilStage(overseas, jti, 'proposed')

  const signing = await agreement(overseas, 'countersign', jti, '--hash', hash, '--reason', 'as agreed')
  await decided(overseas, signing.answer)
  await untilStage(home, jti, 'in-force')
  expect((await agreement(home, 'show', jti)).answer).toMatchObject({ stage: 'in-force', jti })

  for (const [act, stage] of [
    ['suspend', 'suspended'],
    ['resume', 'in-force'],
    ['terminate', 'terminated'],
  ] as const) {
    const { exitCode, answer } = await agreement(home, act, jti, '--reason', 'so it is')
    expect([exitCode, answer['kind']]).toEqual([0, `agreement:${act}`])
    await decided(home, answer)
    await untilStage(overseas, jti, stage)
  }
})

test('what was proposed to a root can be declined, and what is incomplete is no command', async () => {
  const { home, overseas } = pair
  const { jti } = await proposeTo(home, [overseas])
  await untilStage(overseas, jti, 'proposed')
  expect((await agreement(overseas, 'decline', jti)).exitCode).toBe(2)
  expect((await agreement(overseas, 'countersign', jti, '--reason', 'yes')).exitCode).toBe(2)
  expect((await agreement(overseas, 'propose', '--terms', '[]', '--reason', 'yes')).exitCode).toBe(2)
  const { answer } = await agreement(overseas, 'decline', jti, '--reason', 'not now')
  await decided(overseas, answer)
  await untilStage(home, jti, 'declined')
})
