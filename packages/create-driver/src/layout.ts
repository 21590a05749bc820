/** Where the package will live: by itself, or as a member of this repository's workspace. */
export type Layout = { readonly in: 'folder' } | WorkspaceLayout

export interface WorkspaceLayout {
  readonly in: 'workspace'
  /** From the workspace's root, with forward slashes: `packages/driver-my-db`. */
  readonly directory: string
}

/** The way from a member's folder back to the root: `../..`. */
export function wayToRoot({ directory }: WorkspaceLayout): string {
  return directory
    .split('/')
    .map(() => '..')
    .join('/')
}
