import { expect, test } from 'vitest'

import { createLog } from './log.ts'

function logged(error: unknown): string {
  const lines: string[] = []
  createLog({
    level: 'error',
    service: 'test',
    destination: { write: (line) => void lines.push(line) },
  }).error({ err: error }, 'failed')
  return lines.join('')
}

test('keeps what a database error carries of the row out of the log', () => {
  const error = Object.assign(new Error('duplicate key value violates unique constraint "person_pkey"'), {
    code: '23505',
    constraint: 'person_pkey',
    table: 'person',
    detail: 'Key (identity)=(11010519491231002X) already exists.',
    where: 'JSON data, line 1: 11010519491231002X',
    query: 'insert into person values (11010519491231002X)',
  })
  const line = logged(new Error('refused', { cause: error }))
  expect(line).not.toContain('11010519491231002X')
  expect(JSON.parse(line)).toMatchObject({
    err: { message: 'refused', cause: { code: '23505', constraint: 'person_pkey', table: 'person' } },
  })
})

test('tells what was thrown without being an error, and ends at a ring of causes', () => {
  expect(JSON.parse(logged('text'))).toMatchObject({ err: { type: 'string' } })
  const ring = new Error('ring')
  ring.cause = ring
  expect(logged(ring)).toContain('ring')
})
