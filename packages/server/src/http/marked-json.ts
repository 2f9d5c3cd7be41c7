/** Values of a client in a prompt: JSON between two marks, which no value can contain. */

export function toMarkedJson(mark: string, value: object): string {
  const json = JSON.stringify(value).replaceAll('<', '\\u003c');
  return `<${mark}>\n${json}\n</${mark}>`;
}
