const length = 12

/** A name of twelve digits and small letters, unlike any other. `random` is uniform in [0, 1). */
export function newName(random: () => number): string {
  return Array.from({ length }, () => Math.floor(random() * 36).toString(36)).join('')
}
