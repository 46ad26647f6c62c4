import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { hashLeaf, hashNode } from './index.ts'
import { sha256 as browserSha256, sha256Into as browserSha256Into } from './sha256.browser.ts'
import { sha256 as nodeSha256, sha256Into as nodeSha256Into } from './sha256.node.ts'

describe('SHA-256', () => {
  test('is the same in browsers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 8 }), (message, offset) => {
        expect(browserSha256(message)).toEqual(nodeSha256(message))
        const [ours, theirs] = [new Uint8Array(40), new Uint8Array(40)]
        nodeSha256Into(message, ours, offset)
        browserSha256Into(message, theirs, offset)
        expect(ours).toEqual(theirs)
      }),
    )
  })

  test('of a leaf is never that of a node', () => {
    expect(hashLeaf(new Uint8Array(64))).not.toEqual(hashNode(new Uint8Array(32), new Uint8Array(32)))
    expect(() => hashNode(new Uint8Array(31), new Uint8Array(33))).toThrow('32 bytes')
  })
})
