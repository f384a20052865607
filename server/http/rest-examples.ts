/** Bodies that the document and the reference page show. The tests send each of them. */

export const flowExample = {
  name: 'News',
  regionId: 'europe',
  maxBitrate: 10_000_000,
  input: { name: 'Camera 1', protocol: 'srt', latencyMs: 120, allowlist: ['203.0.113.0/24'] },
};

export const outputExample = {
  name: 'Studio',
  regionId: 'europe',
  protocol: 'srt',
  latencyMs: 200,
  encryption: { passphrase: 'correct horse battery', keyLength: 256 },
  destinations: { primary: { host: 'studio.example.com', port: 9000 } },
};
