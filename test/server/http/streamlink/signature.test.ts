import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVendorHouse, NOW, signer, type VendorHouse } from '../../../kit/vendor-house.ts';
import { signed, ways, type Wire } from '../../../kit/vendor-signing.ts';

const params = { FlowName: 'News & more = 50 % ä', MaxBandwidth: 10_000_000 };
const isFormWay = (way: string): boolean => !way.startsWith('tc3');

/** Another letter at this place. */
const altered = (text: string, at: number): string => {
  const place = at % text.length;
  return text.slice(0, place) + (text[place] === 'a' ? 'b' : 'a') + text.slice(place + 1);
};

const meaningOf = ({ url, body }: Wire): string => new URLSearchParams(body ?? new URL(url).search).toString();

const withHeader = (wire: Wire, name: string, value: string): Wire => ({
  ...wire,
  headers: { ...wire.headers, [name]: value },
});

const codeOf = async (house: VendorHouse, wire: Wire): Promise<string> => (await house.send(wire)).code;

describe('a signed request', () => {
  it.each(ways)('by %s is let in', async (way) => {
    const house = createVendorHouse();
    expect(await house.call('CreateStreamLinkFlow', params, way)).toMatchObject({ status: 200, code: 'done' });
    expect((await house.call('DescribeStreamLinkFlows', {}, way)).response).toMatchObject({ TotalNum: 1 });
  });

  it.each(ways)('by %s with another secret is refused', async (way) => {
    const wire = signed(way, 'CreateStreamLinkFlow', params, { ...signer, secret: 'test-key-secres' });
    expect(await codeOf(createVendorHouse(), wire)).toBe('AuthFailure.SignatureFailure');
  });

  it.each(ways)('by %s is refused once any letter of what was signed is another', async (way) => {
    const house = createVendorHouse();
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (at) => {
        const wire = signed(way, 'CreateStreamLinkFlow', params, signer);
        const [start, query = ''] = wire.url.split('?');
        const worse = wire.body
          ? { ...wire, body: altered(wire.body, at) }
          : { ...wire, url: `${start}?${altered(query, at)}` };
        // %A4 and %a4 are the same letter of the same request.
        fc.pre(!isFormWay(way) || meaningOf(worse) !== meaningOf(wire));
        const fetched = await house.fetch(new Request(worse.url, worse));
        // A form without its Action or its id is nobody's, and left to the console.
        const said = fetched ? await fetched.text() : 'left';
        expect(said).toMatch(isFormWay(way) ? /"Error"|^left$/ : /"Error"/);
        expect(house.store.all()).toEqual([]);
        expect((await house.call('DescribeStreamLinkFlows')).response).toMatchObject({ TotalNum: 0 });
      }),
      { numRuns: 150 },
    );
  });

  it.each(['tc3', 'tc3-get'] as const)('by %s is refused once any letter of its signature is another', async (way) => {
    const house = createVendorHouse();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 63 }), async (at) => {
        const wire = signed(way, 'DescribeStreamLinkFlows', {}, signer);
        const [head, signature = ''] = (wire.headers['Authorization'] ?? '').split('Signature=');
        const worse = withHeader(wire, 'Authorization', `${head}Signature=${altered(signature, at)}`);
        expect(await codeOf(house, worse)).toMatch(/^AuthFailure\.SignatureFailure$/);
      }),
    );
  });

  it.each(['tc3', 'tc3-get'] as const)('by %s is refused at another time than it was signed for', async (way) => {
    const wire = signed(way, 'DescribeStreamLinkFlows', {}, signer);
    const later = withHeader(wire, 'X-TC-Timestamp', String(signer.at + 1));
    expect(await codeOf(createVendorHouse(), later)).toBe('AuthFailure.SignatureFailure');
  });

  it('by TC3 may be made twice in one second: it has nothing to tell them apart by', async () => {
    const house = createVendorHouse();
    const wire = signed('tc3', 'DescribeStreamLinkFlows', {}, signer);
    expect([await codeOf(house, wire), await codeOf(house, wire)]).toEqual(['done', 'done']);
  });

  it.each(['form', 'form-get', 'sha1', 'sha1-get'] as const)('by %s is let in once, and refused again', async (way) => {
    const house = createVendorHouse();
    const wire = signed(way, 'DescribeStreamLinkFlows', {}, signer);
    expect([await codeOf(house, wire), await codeOf(house, wire)]).toEqual(['done', 'AuthFailure.SignatureExpire']);
  });

  it('by form with a Nonce that is used up is refused, whatever else it asks', async () => {
    const house = createVendorHouse();
    const first = signed('form', 'DescribeStreamLinkFlows', {}, signer, { Nonce: '77' });
    const second = signed('form', 'DescribeStreamLinkRegions', {}, signer, { Nonce: '77' });
    const next = signed('form', 'DescribeStreamLinkRegions', {}, { ...signer, at: signer.at + 1 }, { Nonce: '77' });
    expect(await codeOf(house, first)).toBe('done');
    expect(await codeOf(house, second)).toBe('AuthFailure.SignatureExpire');
    // The vendor's client draws its Nonce out of 65,536: with another time it is another request.
    expect(await codeOf(house, next)).toBe('done');
  });

  it.each(ways)('by %s is let in up to 300 s from now, and not beyond', async (way) => {
    const house = createVendorHouse();
    for (const [seconds, code] of [
      [-300, 'done'],
      [300, 'done'],
      [-301, 'AuthFailure.SignatureExpire'],
      [301, 'AuthFailure.SignatureExpire'],
    ] as const) {
      const wire = signed(way, 'DescribeStreamLinkFlows', {}, { ...signer, at: NOW / 1000 + seconds });
      expect([seconds, await codeOf(house, wire)]).toEqual([seconds, code]);
    }
  });

  it('by TC3 may sign the host with its port, more headers, and in lower case', async () => {
    const { id, secret, at, endpoint } = signer;
    const { createHash } = await import('node:crypto');
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const names = 'content-type;host;x-tc-action';
    const headers = `content-type:application/json; charset=utf-8\nhost:${endpoint}\nx-tc-action:describestreamlinkflows\n`;
    const canonical = ['POST', '/', '', headers, names, sha256('{}')].join('\n');
    const scope = '2026-11-24/mdc/tc3_request';
    const key = ['2026-11-24', 'mdc', 'tc3_request'].reduce<string | Buffer>(
      (above, part) => createHmac('sha256', above).update(part).digest(),
      `TC3${secret}`,
    );
    const signature = createHmac('sha256', key)
      .update(['TC3-HMAC-SHA256', at, scope, sha256(canonical)].join('\n'))
      .digest('hex');
    const wire: Wire = {
      method: 'POST',
      url: `http://${endpoint}/`,
      body: '{}',
      headers: {
        Host: endpoint,
        'Content-Type': 'application/json; charset=UTF-8',
        'X-TC-Action': 'DescribeStreamLinkFlows',
        'X-TC-Version': '2020-08-28',
        'X-TC-Timestamp': String(at),
        Authorization: `TC3-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
      },
    };
    expect(await codeOf(createVendorHouse(), wire)).toBe('done');
    expect(await codeOf(createVendorHouse(), withHeader(wire, 'X-TC-Action', 'DescribeStreamLinkRegions'))).toBe(
      'AuthFailure.SignatureFailure',
    );
  });

  it.each([
    ['', 'AuthFailure.InvalidAuthorization'],
    ['TC3-HMAC-SHA256 Credential=', 'AuthFailure.InvalidAuthorization'],
    [
      `TC3-HMAC-SHA256 Credential=a/2026-11-24/mdc/tc3_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'AuthFailure.InvalidAuthorization',
    ],
    [
      `TC3-HMAC-SHA256 Credential=/2026-11-24/mdc/tc3_request, SignedHeaders=content-type;host, Signature=${'0'.repeat(64)}`,
      'AuthFailure.InvalidSecretId',
    ],
    [
      `TC3-HMAC-SHA256 Credential=nobody/2026-11-24/mdc/tc3_request, SignedHeaders=content-type;host, Signature=${'0'.repeat(64)}`,
      'AuthFailure.SecretIdNotFound',
    ],
    [
      `TC3-HMAC-SHA256 Credential=nobody/2026-11-23/mdc/tc3_request, SignedHeaders=content-type;host, Signature=${'0'.repeat(64)}`,
      'AuthFailure.SignatureExpire',
    ],
  ])('with the authorization %j is refused with %s', async (authorization, code) => {
    const wire = signed('tc3', 'DescribeStreamLinkFlows', {}, signer);
    expect(await codeOf(createVendorHouse(), withHeader(wire, 'Authorization', authorization))).toBe(code);
  });

  it('with a token is refused, since there are no temporary credentials', async () => {
    const house = createVendorHouse();
    const tc3 = signed('tc3', 'DescribeStreamLinkFlows', {}, signer, { 'X-TC-Token': 'temporary' });
    const form = signed('form', 'DescribeStreamLinkFlows', {}, signer, { Token: 'temporary' });
    expect([await codeOf(house, tc3), await codeOf(house, form)]).toEqual([
      'AuthFailure.TokenFailure',
      'AuthFailure.TokenFailure',
    ]);
  });
});
