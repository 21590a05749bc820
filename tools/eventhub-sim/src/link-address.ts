/** What a link's address names. */
export type LinkAddress =
  | { readonly kind: 'cbs' }
  | { readonly kind: 'management' }
  | { readonly kind: 'hub'; readonly partition: number | undefined }
  | { readonly kind: 'reader'; readonly partition: number }
  | { readonly kind: 'unknown' }

/** `hub`, `hub/Partitions/0`, `hub/ConsumerGroups/group/Partitions/0`, `$cbs`, `$management`. */
export function parseAddress(address: string | undefined, hub: string, partitions: number): LinkAddress {
  if (address === '$cbs') return { kind: 'cbs' }
  if (address === '$management' || address === `${hub}/$management`) return { kind: 'management' }
  if (address === hub) return { kind: 'hub', partition: undefined }
  if (!address?.startsWith(`${hub}/`)) return { kind: 'unknown' }
  const [, group, digits] =
    /^(?:ConsumerGroups\/([^/]+)\/)?Partitions\/(\d+)$/i.exec(address.slice(hub.length + 1)) ?? []
  const partition = Number(digits)
  if (digits === undefined || partition >= partitions) return { kind: 'unknown' }
  return group === undefined ? { kind: 'hub', partition } : { kind: 'reader', partition }
}
