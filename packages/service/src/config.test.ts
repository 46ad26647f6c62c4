import { describe, expect, test } from 'vitest'

import {
  ConfigError,
  EntityId,
  IssuingNodeEnvironment,
  NodeEnvironment,
  readConfiguredFile,
  readEnvironment,
} from './config.ts'

function faultsOf(act: () => unknown): readonly string[] {
  try {
    act()
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

describe('the environment', () => {
  test('is read with its defaults', () => {
    expect(readEnvironment(NodeEnvironment, { PORT: '3088', SHELL: '/bin/sh' })).toEqual({
      PORT: 3088,
      HOST: '::',
      LOG_LEVEL: 'info',
      ALLOW_LOOPBACK_HTTP: false,
      PUBLIC_READS_PER_MINUTE: 60_000,
    })
  })

  test('that is not usable has every bad variable named at once', () => {
    const faults = faultsOf(() =>
      readEnvironment(IssuingNodeEnvironment, {
        PORT: '70000',
        LOG_LEVEL: 'loud',
        ALLOW_LOOPBACK_HTTP: 'yes',
        ENTITY_ID: 'https://root.example/',
        DATABASE_CONNECTIONS: '1',
        DATABASE_URL: 'nowhere',
        TRUSTED_PROXIES: '10.0.0.0/8, proxy.example',
      }),
    )
    expect(faults.map((fault) => fault.replace(/:.*/s, '')).toSorted()).toEqual([
      'ALLOW_LOOPBACK_HTTP',
      'DATABASE_CONNECTIONS',
      'DATABASE_URL',
      'ENTITY_ID',
      'JOURNAL_DIR',
      'KEYS_DIR',
      'LOG_LEVEL',
      'PORT',
      'TRUSTED_PROXIES',
    ])
  })

  test('never has its values repeated: they may be secrets', () => {
    const faults = faultsOf(() =>
      readEnvironment(IssuingNodeEnvironment, { DATABASE_URL: 'hunter2', PORT: 'hunter2' }),
    )
    expect(faults.join()).toContain('DATABASE_URL')
    expect(faults.join()).not.toContain('hunter2')
  })

  test.each(['', ' '])('with an empty variable (%j) has it unset, and never port 0', (PORT) => {
    expect(faultsOf(() => readEnvironment(NodeEnvironment, { PORT }))).toHaveLength(1)
    expect(readEnvironment(NodeEnvironment, { PORT: '0', HOST: PORT }).HOST).toBe('::')
  })

  test.each(['1.5', '-1', '65536', 'http', '3088x'])('has no port %s', (PORT) => {
    expect(faultsOf(() => readEnvironment(NodeEnvironment, { PORT }))).toHaveLength(1)
  })
})

describe('an entity identifier', () => {
  test.each([
    'https://root.example',
    'https://root.example:8443',
    'http://127.0.0.1:3088',
    'http://[::1]:3088',
  ])('may be %s', (text) => {
    expect(EntityId.safeParse(text).success).toBe(true)
  })

  test.each([
    'https://root.example/',
    'https://root.example/path',
    'https://root.example:443',
    'https://Root.example',
    'https://user@root.example',
    'https://root.example?x',
    'ftp://root.example',
    'root.example',
    '',
  ])('may not be %s', (text) => {
    expect(EntityId.safeParse(text).success).toBe(false)
  })
})

test('a configured file that is not there is a fault of its variable', () => {
  const faults = faultsOf(() => readConfiguredFile('KEYS_FILE', '/nonexistent/keys.json'))
  expect(faults).toEqual([expect.stringMatching(/^KEYS_FILE: \/nonexistent\/keys\.json cannot be read/)])
})
