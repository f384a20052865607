import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, settings } from '../../server/config.ts';

function faultsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('the settings', () => {
  it('all have a value to begin with', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      dataFolder: `${process.cwd()}/data`,
      publicUrl: undefined,
      ports: { first: 20_000, last: 20_999 },
      rtmpPorts: { first: 1935, last: 1999 },
      bandwidths: [10_000_000, 20_000_000, 50_000_000],
      retentionDays: 7,
      leaveRelays: false,
      firstStart: { adminPassword: undefined, secretId: undefined, secretKey: undefined },
    });
    expect(fileURLToPath(config.databaseUrl)).toBe(`${process.cwd()}/data/streamlink.db`);
    expect(config.publicHost).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it('take what the environment says', () => {
    const config = readConfig({
      STREAMLINK_HOST: '0.0.0.0',
      STREAMLINK_PORT: '9000',
      STREAMLINK_DATA: '/srv/streamlink',
      STREAMLINK_PUBLIC_HOST: 'relay.example.net',
      STREAMLINK_PUBLIC_URL: 'https://console.example.net',
      STREAMLINK_PORT_RANGE: '30000-30009',
      STREAMLINK_RTMP_PORT_RANGE: '1940-1949',
      STREAMLINK_BANDWIDTHS: '50,20,20',
      STREAMLINK_RETENTION_DAYS: '30',
      STREAMLINK_ADMIN_PASSWORD: 'ten letters',
      STREAMLINK_SECRET_ID: 'some-key-id',
      STREAMLINK_SECRET_KEY: 'some-key-secret-0',
      STREAMLINK_LEAVE_RELAYS: 'yes',
      STREAMLINK_METRICS_TOKEN: 'some-metrics-token',
      DATABASE_URL: 'libsql://db.example.net',
    });
    expect(config).toEqual({
      host: '0.0.0.0',
      port: 9000,
      dataFolder: '/srv/streamlink',
      databaseUrl: 'libsql://db.example.net',
      publicHost: 'relay.example.net',
      publicUrl: 'https://console.example.net',
      ports: { first: 30_000, last: 30_009 },
      rtmpPorts: { first: 1940, last: 1949 },
      bandwidths: [20_000_000, 50_000_000],
      retentionDays: 30,
      leaveRelays: true,
      metricsToken: 'some-metrics-token',
      firstStart: { adminPassword: 'ten letters', secretId: 'some-key-id', secretKey: 'some-key-secret-0' },
    });
  });

  it('count as absent when they are empty', () => {
    expect(readConfig(Object.fromEntries(settings.map(({ key }) => [key, ''])))).toEqual(readConfig({}));
  });

  // A finding: the folder's name is put into a URL as it is, so that these open another file or none.
  it.each(['/srv/a#b', '/srv/a?b', '/srv/a%20b'])('name the database in a folder such as %s', (folder) => {
    expect(fileURLToPath(readConfig({ STREAMLINK_DATA: folder }).databaseUrl)).toBe(`${folder}/streamlink.db`);
  });

  it('are no business of other variables', () => {
    expect(faultsOf({ STREAMLINK_COLOUR: 'red', PORT: 'x' })).toEqual([]);
  });
});

describe('wrong settings', () => {
  const wrong = {
    STREAMLINK_PORT: '0',
    STREAMLINK_PUBLIC_URL: 'console',
    STREAMLINK_PORT_RANGE: '20000',
    STREAMLINK_BANDWIDTHS: '10,fast',
    STREAMLINK_ADMIN_PASSWORD: 'short',
    STREAMLINK_SECRET_ID: 'a b c d e f',
    STREAMLINK_SECRET_KEY: 'too short',
    STREAMLINK_LEAVE_RELAYS: 'perhaps',
    DATABASE_URL: 'mysql://root:hunter2@db',
  };

  it('are all told at once, each with its key', () => {
    expect(faultsOf(wrong).map((line) => line.split(' ')[0])).toEqual(Object.keys(wrong));
  });

  it('are told without their values, of which some are secrets', () => {
    const words = faultsOf(wrong).join();
    expect(['short,', 'a b c', 'too short', 'hunter2', 'perhaps'].filter((value) => words.includes(value))).toEqual([]);
  });

  it.each([
    ['STREAMLINK_PORT', ['65536', '80.5', '-1', '0x50', '8080 ', 'http']],
    ['STREAMLINK_RTMP_PORT_RANGE', ['935-1999', '1999-1935', '1935']],
    ['STREAMLINK_PORT_RANGE', ['1023-2000', '20000-65536', '20000-20000', '20999-20000', '20000..20999', '20000-']],
    ['STREAMLINK_BANDWIDTHS', ['0', '10,0', '10;20', '-10', '1.5', '10,', 'all']],
    ['STREAMLINK_LEAVE_RELAYS', ['true', '1', 'YES']],
    ['STREAMLINK_ADMIN_PASSWORD', ['nineteen9']],
    ['STREAMLINK_SECRET_ID', ['seven77', 'has:colon', 'x'.repeat(65)]],
    ['STREAMLINK_SECRET_KEY', ['fifteen letters']],
  ])('are refused for %s', (key, values) => {
    expect(values.map((value) => faultsOf({ [key]: value })[0]?.split(' ')[0])).toEqual(values.map(() => key));
  });

  // A finding: a URL that is not https makes cookies that no browser sends back, and so nobody can log in.
  it.each(['http://console.example.net', 'console.example.net:443', 'ftp://x'])(
    'are refused for a public URL such as %s',
    (url) => {
      expect(faultsOf({ STREAMLINK_PUBLIC_URL: url })).toHaveLength(1);
    },
  );

  // A finding: an address shown to operators is taken as it is.
  it.each(['srt://relay.example.net', 'relay.example.net:9000', 'a b'])(
    'are refused for a public host such as %s',
    (host) => {
      expect(faultsOf({ STREAMLINK_PUBLIC_HOST: host })).toHaveLength(1);
    },
  );
});
