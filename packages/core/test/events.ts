import type { ChangeEvent } from '../src/index.js'

/** A change event made by hand. */
export function makeEvent(fields: Partial<ChangeEvent> = {}): ChangeEvent {
  return {
    operation: 'INSERT',
    id: 'e1',
    table: 'order',
    key: ['region', '1'],
    modelVersion: 'v1',
    timestamp: 1_720_732_611_708,
    mvccTimestamp: '1720732611708587506.0000000000',
    position: '0000000000000001',
    bytes: Buffer.from('{}'),
    rowKey: 'order\u00001',
    ...fields,
  }
}
