import { describe, expect, test } from 'vitest'

import {
  asInstanceNumber,
  compareCodes,
  contains,
  instanceOf,
  isOntology,
  ontologyOf,
  parentOf,
  parseCode,
  parsePrefix,
  parseRootPrefix,
  parseSubject,
  providerPrefixOf,
  readCode,
  requesterPrefixOf,
  segmentsOf,
} from './index.ts'

const instance = parseCode('1.2.156.3088.1.1.34C2.478BDF.3GF546')
const ontology = parseCode('1.2.156.3088.1.1.34C2.478BDF.0')
const requester = parsePrefix('1.2.156.3088.1.1.34C2')
const provider = parsePrefix('1.2.156.3088.1.1')

describe('kinship', () => {
  test('goes up from instance to ontology, requester and provider, and no further', () => {
    expect(parentOf(instance)).toEqual(ontology)
    expect(parentOf(ontology)).toEqual(requester)
    expect(parentOf(requester)).toEqual(provider)
    expect(parentOf(provider)).toBeUndefined()
  })

  test('answers the prefixes of any subject', () => {
    for (const subject of [instance, ontology, requester])
      expect(requesterPrefixOf(subject)).toEqual(requester)
    for (const subject of [instance, ontology, requester, provider])
      expect(providerPrefixOf(subject)).toEqual(provider)
    expect(() => requesterPrefixOf(provider)).toThrow(RangeError)
  })

  test('goes from an instance to its ontology and back', () => {
    expect(ontologyOf(instance)).toEqual(ontology)
    expect(ontologyOf(ontology)).toBe(ontology)
    expect(instanceOf(ontology, instance.instance)).toEqual(instance)
    expect(instanceOf(instance, asInstanceNumber(0))).toEqual(ontology)
    expect([isOntology(ontology), isOntology(instance)]).toEqual([true, false])
  })

  test('keeps version and root prefix of what it derives from', () => {
    const given = parseCode('2.999.2.1.34C2.478BDF.5', { prefixes: [parseRootPrefix('2.999')] })
    expect(parentOf(given)?.text).toBe('2.999.2.1.34C2.478BDF.0')
    expect(providerPrefixOf(given).text).toBe('2.999.2.1')
  })

  test('contains by whole segments, within one root and version', () => {
    const outside = ['1.2.156.3088.1.11.34C2.478BDF.0', '1.2.156.3088.2.1.34C2.478BDF.0'].map((text) =>
      parseSubject(text),
    )
    const foreign = parseSubject('2.999.1.1.34C2.478BDF.0', { prefixes: [parseRootPrefix('2.999')] })
    for (const subject of [...outside, foreign]) expect(contains(provider, subject)).toBe(false)
    expect(contains(requester, parsePrefix('1.2.156.3088.1.1.34C'))).toBe(false)
    expect(contains(ontology, parseCode('1.2.156.3088.1.1.34C2.478BDE.3GF546'))).toBe(false)
    expect(contains(instance, parseCode('1.2.156.3088.1.1.34C2.478BDF.3GF547'))).toBe(false)
    for (const outer of [provider, requester, ontology, instance])
      expect(contains(outer, instance)).toBe(true)
  })

  test('contains opaque codes below their provider and requester alone', () => {
    const opaque = readCode('1.2.156.3088.1.1.34C2.a.b.c', { customSerial: 'opaque' })
    if (opaque.kind !== 'opaque') throw new Error('not opaque')
    expect([provider, requester, ontology].map((outer) => contains(outer, opaque))).toEqual([
      true,
      true,
      false,
    ])
    expect(segmentsOf(opaque)).toEqual({
      prefix: '1.2.156.3088',
      version: '1',
      provider: '1',
      requester: '34C2',
    })
  })

  test('sorts by number and not by letters, roots arc by arc', () => {
    const prefixes = ['2.1000', '1.2.156.3088', '2.999.1'].map(parseRootPrefix)
    const texts = [
      '1.2.156.3088.1.9.1.1.0',
      '1.2.156.3088.1.10',
      '1.2.156.3088.1.ZZ',
      '2.999.1.1.1',
      '2.999.1.1.1.1',
      '2.1000.1.1',
    ]
    const shuffled = texts.toReversed().map((text) => parseSubject(text, { prefixes }))
    expect(shuffled.toSorted(compareCodes).map(({ text }) => text)).toEqual(texts)
  })

  test('gives the segments of each level as canonical text', () => {
    expect(segmentsOf(provider)).toEqual({ prefix: '1.2.156.3088', version: '1', provider: '1' })
    expect(segmentsOf(instance)).toEqual({
      prefix: '1.2.156.3088',
      version: '1',
      provider: '1',
      requester: '34C2',
      ontology: '478BDF',
      instance: '3GF546',
    })
  })
})
