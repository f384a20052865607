import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { portOf, tag, until } from './kit.ts';
import { dial, key, openStage } from './peers.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

describe('a push over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtmps-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  beforeAll(() => {
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test CA');
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
      '-subj',
      '/CN=x',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** TLS in front of our own server; `names` are what the clients asked for by SNI. */
  async function front() {
    const stage = await openStage();
    const names: (string | false)[] = [];
    const identity = { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) };
    const server = createTlsServer(identity, (secure) => {
      names.push(secure.servername ?? false);
      const plain = connect(stage.server.port, '127.0.0.1');
      secure.on('error', () => plain.destroy());
      plain.on('error', () => secure.destroy());
      secure.pipe(plain).pipe(secure);
    });
    server.on('tlsClientError', () => {});
    const serverPort = await portOf(server);
    open.push(stage.server, { close: () => server.close() });
    return { stage, names, port: serverPort };
  }

  const dialTls = (host: string, port: number, ca?: string) => {
    const dialled = dial({ url: `rtmps://${host}:${port}/live`, streamName: key, ...(ca === undefined ? {} : { ca }) });
    open.push(dialled.push);
    return dialled;
  };

  it('reaches a server whose authority is trusted, and names it by SNI', async () => {
    const { stage, names, port } = await front();
    const { publishing, push } = dialTls('localhost', port, readFileSync(file('ca.pem'), 'utf8'));
    await publishing();
    push.send(tag('keyframe', 40, 200_000));
    await until(() => stage.tags.length === 1, 'a tag through TLS');
    expect(names).toEqual(['localhost']);
  });

  it('refuses a certificate of an authority nobody named', async () => {
    const { port } = await front();
    const end = await dialTls('localhost', port).end();
    expect(end.cause).toBe('tls-certificate');
    expect(end.code).toMatch(/UNABLE_TO|SELF_SIGNED/);
  });

  it('refuses a certificate made for another host', async () => {
    const { port } = await front();
    const end = await dialTls('127.0.0.1', port, readFileSync(file('ca.pem'), 'utf8')).end();
    expect(end).toMatchObject({ cause: 'tls-certificate', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('tells a server without TLS from one with a bad certificate', async () => {
    const stage = await openStage();
    open.push(stage.server);
    expect((await dialTls('127.0.0.1', stage.server.port).end()).cause).toBe('tls-failed');
  });
});
