import xxhash from 'xxhash-wasm'

/** Partition key → 32 bits that choose the partition, modulo how many there are. */
export type PartitionHash = (partitionKey: string) => number

/**
 * The hash that the EDS server used: FNV-1a of the 16 hexadecimal digits, leading zeros included, of the key's xxHash64. So a row
 * stays in the partition where its earlier changes are.
 */
export async function loadPartitionHash(): Promise<PartitionHash> {
  const { h64ToString } = await xxhash()
  return (partitionKey) => fnv1a(h64ToString(partitionKey))
}

/** FNV-1a, 32 bits, of ASCII text: http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
