/** /metrics: for whoever has an API key, or a token that opens nothing else. */
import type { Context, Hono } from 'hono';
import type { ApiKeys } from '../api-keys.ts';
import { contentTypes, type Family, metricText } from '../metric-text.ts';
import type { ScrapeTokens } from '../scrape-tokens.ts';
import { basicCredentials, bearerToken } from './basic.ts';

export interface MetricsDeps {
  readonly apiKeys: Pick<ApiKeys, 'isValid'>;
  readonly scrapeTokens: Pick<ScrapeTokens, 'isValid'>;
  readonly metrics: () => Promise<readonly Family[]>;
}

export function mountMetrics(app: Hono, deps: MetricsDeps): void {
  app.get('/metrics', async (c) => {
    if (!isAllowed(c, deps)) {
      c.header(
        'www-authenticate',
        'Basic realm="StreamLink metrics", charset="UTF-8", Bearer realm="StreamLink metrics"',
      );
      return c.text('Send an API key by HTTP Basic, or a scrape token as Bearer.', 401);
    }
    const format = /application\/openmetrics-text/.test(c.req.header('accept') ?? '') ? 'openmetrics' : 'text';
    return c.body(metricText(await deps.metrics(), format), 200, {
      'content-type': contentTypes[format],
      'cache-control': 'no-store',
    });
  });
}

function isAllowed(c: Context, { apiKeys, scrapeTokens }: MetricsDeps): boolean {
  const header = c.req.header('authorization');
  const key = basicCredentials(header);
  if (key) return apiKeys.isValid(key.id, key.secret);
  const token = bearerToken(header);
  return token !== undefined && scrapeTokens.isValid(token);
}
