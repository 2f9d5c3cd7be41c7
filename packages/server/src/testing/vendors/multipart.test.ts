import { expect, test } from 'vitest';
import { readMultipart } from './multipart.ts';

async function formOf(fill: (form: FormData) => void): Promise<readonly [Buffer, string]> {
  const form = new FormData();
  fill(form);
  const response = new Response(form);
  return [Buffer.from(await response.arrayBuffer()), response.headers.get('content-type') ?? ''];
}

test('reads the parts of a form as a client writes it', async () => {
  const bytes = Buffer.from([0, 13, 10, 45, 45, 255]);
  const [body, type] = await formOf((form) => {
    form.set('lang', 'eng_Latn');
    form.set('file', new Blob([bytes]), 'audio.webm');
  });
  expect(readMultipart(body, type)).toEqual([
    { name: 'lang', filename: undefined, bytes: Buffer.from('eng_Latn') },
    { name: 'file', filename: 'audio.webm', bytes },
  ]);
});

test.each([
  ['no boundary', 'multipart/form-data', '--cut--'],
  ['another boundary', 'multipart/form-data; boundary=other', '--cut--'],
  [
    'no end',
    'multipart/form-data; boundary=cut',
    '--cut\r\nContent-Disposition: form-data; name="a"\r\n\r\nb',
  ],
  ['a part without a name', 'multipart/form-data; boundary=cut', '--cut\r\n\r\nb\r\n--cut--'],
])('reads nothing from a body with %s', (_what, type, body) => {
  expect(readMultipart(Buffer.from(body), type)).toBeUndefined();
});
