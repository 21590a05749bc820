/** What Kafka takes as the name of a topic: https://kafka.apache.org/documentation/#basic_ops_add_topic */
const topicName = /^[\w.-]{1,249}$/

export function isTopicName(text: string): boolean {
  return topicName.test(text) && text !== '.' && text !== '..'
}

/** The topic for a table's events: `{table}` in the template stands for the table. */
export function topicFor(template: string, table: string): string {
  return template.replaceAll('{table}', () => table)
}
