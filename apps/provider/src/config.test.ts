import { ConfigError } from '@arc3088/service'
import { expect, test } from 'vitest'

import { readProviderConfig } from './config.ts'

test('names every variable that is missing or bad at once', () => {
  const read = () => readProviderConfig({ ROOT_URL: 'https://root.example/path', PORT: '70000' })
  expect(read).toThrow(ConfigError)
  for (const name of ['PORT', 'ROOT_URL', 'ENTITY_ID', 'DATABASE_URL', 'KEYS_DIR', 'TRUST_ANCHOR_FILE']) {
    expect(read).toThrow(name)
  }
})

test('says which file it could not read', () => {
  const environment = {
    ROOT_URL: 'https://root.example',
    ENTITY_ID: 'https://p1.example',
    DATABASE_URL: 'postgres://app@127.0.0.1/p1',
    KEYS_DIR: '/keys',
    JOURNAL_DIR: '/journal',
    TRUST_ANCHOR_FILE: '/nowhere/anchor.json',
  }
  expect(() => readProviderConfig(environment)).toThrow('TRUST_ANCHOR_FILE: /nowhere/anchor.json')
})
