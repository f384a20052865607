import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRegions } from '../../server/regions.ts';
import { temporaryFolder } from '../kit/temporary.ts';

function fileWith(text: string): string {
  const path = join(temporaryFolder(), 'regions.json');
  writeFileSync(path, text);
  return path;
}
const nothing = new Set<string>();

describe('the regions', () => {
  it('are the guide’s five at the first start', () => {
    const path = join(temporaryFolder(), 'regions.json');
    expect(readRegions(path, nothing).map(({ name }) => name)).toEqual([
      'East China',
      'Asia',
      'Hong Kong/Macao/Taiwan (China)',
      'West US',
      'Europe',
    ]);
  });

  it('are written to a file that an operator can edit', () => {
    const path = join(temporaryFolder(), 'regions.json');
    const regions = readRegions(path, nothing);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(regions);
  });

  it('are those of the file from then on', () => {
    const path = fileWith('[{"id":"moon","name":" The Moon "}]');
    expect(readRegions(path, nothing)).toEqual([{ id: 'moon', name: 'The Moon' }]);
    expect(readFileSync(path, 'utf8')).toBe('[{"id":"moon","name":" The Moon "}]');
  });

  it.each([
    ['is no JSON', '[{', /regions\.json: SyntaxError/],
    ['is empty', '', /regions\.json/],
    ['has none', '[]', /There must be one region at least/],
    ['has one twice', '[{"id":"a","name":"A"},{"id":"a","name":"B"}]', /Two regions have the same id/],
    ['has an id with a space', '[{"id":"a b","name":"A"}]', /regions\.json: 0\.id An id has 1 to 40/],
    ['has an id with a slash', '[{"id":"../x","name":"A"}]', /0\.id/],
    ['has a name of nothing', '[{"id":"a","name":" "}]', /0\.name/],
    ['has an unknown field', '[{"id":"a","name":"A","zone":1}]', /zone/],
    ['names several faults', '[{"id":"A","name":""}]', /0\.id.*0\.name/],
  ])('are refused when the file %s', (_, text, words) => {
    expect(() => readRegions(fileWith(text), nothing)).toThrow(words);
  });

  it('are refused without one that a flow uses', () => {
    expect(() => readRegions(fileWith('[{"id":"a","name":"A"}]'), new Set(['a', 'moon', 'mars']))).toThrow(
      /regions\.json: flows still use moon, mars\. Put the region back/,
    );
  });
});
