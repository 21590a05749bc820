import type { ChangeEvent } from '@eds/core'

/** Nanoseconds and logical part as one decimal number that sorts right, whatever the width of the logical part. */
export function positionText({ mvccTimestamp }: Pick<ChangeEvent, 'mvccTimestamp'>): string {
  const [, time, logical = ''] = /^(\d*)(?:\.(\d*))?$/.exec(mvccTimestamp) ?? []
  return `${time || '0'}.${logical.padStart(10, '0')}`
}
