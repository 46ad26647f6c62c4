import { describe, expect, test } from 'vitest'

import { planNodes, PORT_BASE_DEFAULT } from './nodes.ts'
import { readSettings, SettingsError } from './settings.ts'

const read = (argv: readonly string[], environment: Record<string, string> = {}) =>
  readSettings({ argv, environment, repository: '/repository' })

describe('settings', () => {
  test('keeps its state in the repository, on the documented ports, unless told otherwise', () => {
    expect(read([])).toEqual({
      stateDir: '/repository/.arc3088',
      portBase: undefined,
      fresh: false,
      postgresAdminUrl: undefined,
    })
    expect(planNodes(PORT_BASE_DEFAULT).all.map(({ port }) => port)).toEqual([
      3088, 3089, 3101, 3102, 3103, 3080,
    ])
  })

  test('takes folder, ports and server from the environment; the command line comes first', () => {
    const environment = {
      ARC3088_STATE_DIR: '/elsewhere',
      ARC3088_PORT_BASE: '4000',
      POSTGRES_ADMIN_URL: 'postgres://admin@db/postgres',
    }
    expect(read(['--fresh', '--port-base', '5000'], environment)).toEqual({
      stateDir: '/elsewhere',
      portBase: 5000,
      fresh: true,
      postgresAdminUrl: 'postgres://admin@db/postgres',
    })
  })

  test('refuses what it does not know', () => {
    expect(() => read(['--frsh'])).toThrow(SettingsError)
    expect(() => read(['now'])).toThrow(SettingsError)
    for (const base of ['80', '70000', 'x', '4000.5']) {
      expect(() => read([], { ARC3088_PORT_BASE: base })).toThrow(SettingsError)
    }
  })

  test('reads an empty variable as an unset one, as shells and CI leave them', () => {
    const settings = read([], { ARC3088_STATE_DIR: '', ARC3088_PORT_BASE: '', POSTGRES_ADMIN_URL: '' })
    expect(settings).toEqual(read([]))
  })
})
