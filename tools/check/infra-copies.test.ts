import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { root } from '../subprocess.ts'

describe('what is copied off the database', () => {
  const run = (script: string, ...args: string[]) =>
    spawnSync('sh', [join(root, 'infra', script), ...args], { encoding: 'utf8' })
  const inFolder = (work: (folder: string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'arc3088-copies-'))
    try {
      work(folder)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('a segment of the WAL is archived whole, again where it is the same, and never over another', () => {
    inFolder((folder) => {
      const [segment, target] = [join(folder, 'segment'), join(folder, '0001')]
      writeFileSync(segment, 'of this life')
      expect(run('postgres/archive-wal.sh', segment, target).status).toBe(0)
      expect(readFileSync(target, 'utf8')).toBe('of this life')
      expect(run('postgres/archive-wal.sh', segment, target).status).toBe(0)
      writeFileSync(segment, 'of another life')
      expect(run('postgres/archive-wal.sh', segment, target).status).not.toBe(0)
      expect(readFileSync(target, 'utf8')).toBe('of this life')
      expect(run('postgres/archive-wal.sh', join(folder, 'missing'), join(folder, '0002')).status).not.toBe(0)
      expect(readdirSync(folder).toSorted()).toEqual(['0001', 'segment'])
    })
  })

  test('a journal is copied as it grows, and a copy is never made shorter, other or gone', () => {
    inFolder((folder) => {
      const [journal, copies] = [join(folder, 'journal'), join(folder, 'copies')]
      const copy = () => run('backup/copy-journal.sh', journal, copies)
      expect(spawnSync('mkdir', [journal]).status).toBe(0)
      const [a, b] = [join(journal, 'a-000001.marks.ndjson'), join(journal, 'a-000001.entries.ndjson')]
      writeFileSync(a, 'one\n')
      writeFileSync(b, 'x\n')
      expect(copy().status).toBe(0)
      writeFileSync(a, 'one\ntwo\n')
      expect(copy().status).toBe(0)
      const copied = (file: string) => readFileSync(file.replace(journal, copies), 'utf8')
      expect([copied(a), copied(b)]).toEqual(['one\ntwo\n', 'x\n'])
      // Put back to an older time, while another file grew.
      writeFileSync(a, 'one\n')
      writeFileSync(b, 'x\ny\n')
      expect(copy()).toMatchObject({ status: 1, stderr: expect.stringContaining('a-000001.marks.ndjson') })
      expect([copied(a), copied(b)]).toEqual(['one\ntwo\n', 'x\ny\n'])
      // The same length, and other bytes.
      writeFileSync(a, 'one\nTWO\n')
      expect(copy().status).toBe(1)
      rmSync(a)
      expect(copy().status).toBe(0)
      expect([copied(a), copied(b)]).toEqual(['one\ntwo\n', 'x\ny\n'])
    })
  })

  test('the scripts are programs, and sh reads each of them', () => {
    inFolder((folder) => {
      for (const path of ['postgres/archive-wal.sh', 'postgres/base-backup.sh', 'backup/copy-journal.sh']) {
        const file = join(folder, 'script')
        copyFileSync(join(root, 'infra', path), file)
        expect([path, spawnSync('sh', ['-n', file]).status]).toEqual([path, 0])
      }
    })
    const conf = readFileSync(join(root, 'infra/postgres/postgresql.conf'), 'utf8')
    const [, command = ''] = /^archive_command = '\/opt\/arc3088\/(\S+) /m.exec(conf) ?? []
    expect(existsSync(join(root, command))).toBe(true)
  })
})
