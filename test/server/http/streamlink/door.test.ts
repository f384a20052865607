import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createNonces } from '../../../../server/http/streamlink/nonces.ts';
import {
  createVendorHouse,
  madeFlow,
  signer,
  srtInput,
  srtOutput,
  type VendorHouse,
} from '../../../kit/vendor-house.ts';
import { signed } from '../../../kit/vendor-signing.ts';

const url = `http://${signer.endpoint}/`;
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const infosSchema = z.object({ Infos: z.array(z.object({ FlowName: z.string() })) });
const infoSchema = z.object({ Info: z.looseObject({ FlowId: z.string() }) });
const idOf = (response: unknown): string => infoSchema.parse(response).Info.FlowId;

describe('the door at /', () => {
  it.each<[string, RequestInit & { readonly query?: string }]>([
    ['a page', {}],
    ['a page of one region', { query: '?region=asia' }],
    ['a query that is signed by nobody', { query: '?Action=DescribeStreamLinkFlows' }],
    ['a form without a signature', { method: 'POST', headers: form, body: 'name=News' }],
    ['JSON without a signature', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }],
  ])('leaves %s to others', async (_, { query = '', ...init }) => {
    expect(await createVendorHouse().fetch(new Request(url + query, init))).toBeUndefined();
  });

  it.each<[string, RequestInit & { readonly query?: string }]>([
    ['an action in a header', { headers: { 'X-TC-Action': 'DescribeStreamLinkFlows' } }],
    ['an authorization of the vendor’s', { headers: { Authorization: 'TC3-HMAC-SHA256 ' } }],
    ['a query with an action and an id', { query: '?Action=DescribeStreamLinkFlows&SecretId=a' }],
    ['a form with an action and a signature', { method: 'POST', headers: form, body: 'Action=A&Signature=b' }],
  ])('takes %s, and answers with 200 and JSON whatever is wrong', async (_, { query = '', ...init }) => {
    const response = await createVendorHouse().fetch(new Request(url + query, init));
    expect([response?.status, response?.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response?.text()).toMatch(/^\{"Response":\{"Error":\{"Code":"\w.*"\},"RequestId":"[\w-]+"\}\}$/);
  });

  it('says that a request is too large in the vendor’s words', async () => {
    const { code, status } = await createVendorHouse().call('CreateStreamLinkFlow', { FlowName: 'a'.repeat(70_000) });
    expect([status, code]).toEqual([200, 'RequestSizeLimitExceeded']);
  });

  it('gives each answer an id of its own', async () => {
    const house = createVendorHouse();
    const answers = await Promise.all([1, 2, 3].map(() => house.call('DescribeStreamLinkRegions')));
    expect(new Set(answers.map(({ response }) => response['RequestId'])).size).toBe(3);
  });

  it.each([
    ['europe', 'europe'],
    ['ap-guangzhou', 'asia'],
    ['null', 'asia'],
    ['', 'asia'],
  ])('starts a flow of region %j in %s', async (region, expected) => {
    const house = createVendorHouse();
    const params = { FlowName: 'News', MaxBandwidth: 10_000_000, InputGroup: [srtInput()] };
    for (const wire of [
      signed('tc3', 'CreateStreamLinkFlow', params, signer, { 'X-TC-Region': region }),
      signed('form', 'CreateStreamLinkFlow', params, signer, { Region: region }),
    ]) {
      const { response } = await house.send(wire);
      expect((await house.flows.get(idOf(response))).regionId).toBe(expected);
    }
  });

  it('takes a form’s texts for numbers only where numbers are', async () => {
    const house = createVendorHouse();
    const call = (params: object) => house.call('CreateStreamLinkFlow', params, 'form');
    expect(await call({ FlowName: '123', MaxBandwidth: '20000000' })).toMatchObject({ code: 'done' });
    expect((await call({ FlowName: 'A', MaxBandwidth: '2e7' })).code).toBe('InvalidParameter.MaxBandwidth');
    expect((await call({ FlowName: 'A', MaxBandwidth: '' })).code).toBe('InvalidParameter.MaxBandwidth');
    const resilient = [srtInput({ ResilientStream: { Enable: false } })];
    expect(await call({ FlowName: 'A', MaxBandwidth: 10_000_000, InputGroup: resilient })).toMatchObject({
      code: 'done',
    });
  });

  it.each(['Input.InputId', 'Input.0', 'A.B.C.D.E.F.G.H.I.J', '__proto__.x', 'InputGroup.7.InputName'])(
    'is not confused by a parameter %s',
    async (name) => {
      const house = createVendorHouse();
      const wire = signed('form', 'CreateStreamLinkFlow', { FlowName: 'A', MaxBandwidth: 1 }, signer, { [name]: 'x' });
      expect((await house.send(wire)).code).toMatch(/^(InvalidParameter(\..*)?|UnknownParameter|MissingParameter)$/);
      expect(house.complaints).toEqual([]);
    },
  );

  it('refuses a parameter that is given twice', async () => {
    const wire = signed('form', 'DescribeStreamLinkFlows', { PageSize: 5 }, signer);
    const { code } = await createVendorHouse().send({ ...wire, body: `${wire.body}&PageSize=7` });
    expect(code).toBe('InvalidParameter');
  });
});

describe('a list of flows', () => {
  const names = async (house: VendorHouse, params: object) => {
    const { response } = await house.call('DescribeStreamLinkFlows', params);
    return [
      infosSchema.parse(response).Infos.map(({ FlowName }) => FlowName),
      response['TotalNum'],
      response['TotalPage'],
    ];
  };

  it('has ten a page, oldest first, those that wait for an input among them', async () => {
    const house = createVendorHouse();
    for (let number = 1; number <= 12; number++) {
      const InputGroup = number % 3 === 0 ? [] : [srtInput()];
      await house.call('CreateStreamLinkFlow', { FlowName: `F${number}`, MaxBandwidth: 10_000_000, InputGroup });
    }
    const all = Array.from({ length: 12 }, (_, index) => `F${index + 1}`);
    expect(await names(house, {})).toEqual([all.slice(0, 10), 12, 2]);
    expect(await names(house, { PageNum: 2 })).toEqual([all.slice(10), 12, 2]);
    expect(await names(house, { PageNum: 3, PageSize: 5 })).toEqual([all.slice(10), 12, 3]);
    expect(await names(house, { PageNum: 4, PageSize: 5 })).toEqual([[], 12, 3]);
  });
});

describe('a flow without an input', () => {
  const waiting = async (house: VendorHouse): Promise<string> =>
    idOf((await house.call('CreateStreamLinkFlow', { FlowName: 'Later', MaxBandwidth: 20_000_000 })).response);

  it('is whole under the same id once its input is created, and only then', async () => {
    const house = createVendorHouse();
    const FlowId = await waiting(house);
    expect(house.store.all()).toEqual([]);
    const { response } = await house.call('CreateStreamLinkInput', { FlowId, InputGroup: [srtInput()] });
    expect(idOf(response)).toBe(FlowId);
    expect(await house.flows.get(FlowId)).toMatchObject({
      name: 'Later',
      maxBitrate: 20_000_000,
      input: { name: 'Camera_1' },
    });
    expect((await house.call('DescribeStreamLinkFlows')).response).toMatchObject({ TotalNum: 1 });
    const again = await house.call('CreateStreamLinkInput', { FlowId, InputGroup: [srtInput()] });
    expect(again.code).toBe('InvalidParameter.ExceededQuantityLimit');
  });

  it('can be described, renamed and deleted', async () => {
    const house = createVendorHouse();
    const FlowId = await waiting(house);
    await house.call('ModifyStreamLinkFlow', { FlowId, FlowName: 'Sooner' });
    const { response } = await house.call('DescribeStreamLinkFlow', { FlowId });
    expect(response).toMatchObject({ Info: { FlowName: 'Sooner', State: 'IDLE', InputGroup: [], OutputGroup: [] } });
    expect((await house.call('DeleteStreamLinkFlow', { FlowId })).code).toBe('done');
    expect((await house.call('DescribeStreamLinkFlow', { FlowId })).code).toBe('InvalidParameter.Id');
  });

  it.each<[string, object, string]>([
    ['StartStreamLinkFlow', {}, 'InvalidParameter.OutputGroups'],
    ['StopStreamLinkFlow', {}, 'InvalidParameter.State'],
    ['CreateStreamLinkOutputInfo', { Output: srtOutput() }, 'InvalidParameter.State'],
    ['ModifyStreamLinkInput', { Input: { InputId: 'a' } }, 'InvalidParameter.State'],
  ])('is told by %s to have an input first', async (action, more, code) => {
    const house = createVendorHouse();
    const answer = await house.call(action, { FlowId: await waiting(house), ...more });
    expect([answer.code, answer.message]).toEqual([code, 'This flow has no input yet. Create its input first.']);
  });

  it('is made by one of two inputs that are created at once', async () => {
    const house = createVendorHouse();
    const FlowId = await waiting(house);
    const answers = await Promise.all(
      ['a', 'b'].map((InputName) =>
        house.call('CreateStreamLinkInput', { FlowId, InputGroup: [srtInput({ InputName })] }),
      ),
    );
    expect(answers.map(({ code }) => code).sort()).toEqual(['InvalidParameter.ExceededQuantityLimit', 'done']);
    expect(house.store.all()).toHaveLength(1);
  });

  it('is a rule of the guide away from a start: an output, too', async () => {
    const house = createVendorHouse();
    const { FlowId } = await madeFlow(house);
    expect((await house.call('StartStreamLinkFlow', { FlowId })).code).toBe('InvalidParameter.OutputGroups');
    await house.call('CreateStreamLinkOutputInfo', { FlowId, Output: srtOutput() });
    expect((await house.call('StartStreamLinkFlow', { FlowId })).code).toBe('done');
    expect((await house.call('DescribeStreamLinkFlow', { FlowId })).response).toMatchObject({
      Info: { State: 'RUNNING' },
    });
  });

  it.each(['starting', 'running', 'stopping'] as const)('counts as RUNNING while it is %s', async (state) => {
    const house = createVendorHouse();
    const { FlowId } = await madeFlow(house);
    house.state = state;
    expect((await house.call('DescribeStreamLinkFlow', { FlowId })).response).toMatchObject({
      Info: { State: 'RUNNING' },
    });
  });
});

describe('the memory of nonces', () => {
  const one = { nonce: '1', at: 1000 };

  it('knows a nonce again for as long as its time is let in, and forgets it then', () => {
    const nonces = createNonces();
    expect(nonces.take('key', one, 1000)).toBe('new');
    expect(nonces.take('key', one, 1300)).toBe('repeated');
    expect(nonces.take('key', one, 1301)).toBe('new');
  });

  it('is each key’s own', () => {
    const nonces = createNonces();
    expect([nonces.take('a', one, 1000), nonces.take('b', one, 1000)]).toEqual(['new', 'new']);
  });

  it('takes no more than it can hold, until time has made room', () => {
    const nonces = createNonces(3);
    const take = (nonce: string, at: number, now: number) => nonces.take('key', { nonce, at }, now);
    expect(['1', '2', '3', '4'].map((nonce) => take(nonce, 1000, 1000))).toEqual(['new', 'new', 'new', 'too-many']);
    expect(take('1', 1000, 1000)).toBe('repeated');
    expect(take('5', 1301, 1301)).toBe('new');
  });
});
