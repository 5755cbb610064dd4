import { askHttp, type HttpAnswer, type HttpOptions } from '../core/http/ask-http.ts';

/** One POST of a form. @throws as askHttp() */
export function postForm(url: string, form: Readonly<Record<string, string>>, options: HttpOptions): Promise<HttpAnswer> {
  const body = new URLSearchParams(form).toString();
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
    accept: 'application/json',
  };
  return askHttp(url, { method: 'POST', headers, body }, options);
}
