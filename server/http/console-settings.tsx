/** The Settings page, and the restart of relays, which asks first. */
import type { Context, Hono } from 'hono';
import { RestartPage, SettingsPage } from '../../web/views/settings.tsx';
import { t } from '../../web/views/language.ts';
import { Refusal } from '../refusal.ts';
import { moveOn, statusOf } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';

const HOME = '/settings';

export function mountSettings(app: Hono, desk: Desk): void {
  const { settings } = desk;
  app.get(HOME, (c) =>
    desk.answer(c, { title: t('Settings'), body: <SettingsPage installation={settings.look()} at={Date.now()} /> }),
  );
  for (const path of [`${HOME}/relays/restart`, `${HOME}/relays/:relay/restart`]) {
    app.get(path, (c) => ask(c, desk));
    app.post(path, (c) => {
      const relayId = c.req.param('relay');
      try {
        settings.restart(relayId === undefined ? undefined : [relayId]);
      } catch (error) {
        if (error instanceof Refusal) return ask(c, desk, error);
        throw error;
      }
      return moveOn(c, HOME);
    });
  }
}

function ask(c: Context, desk: Desk, refusal?: Refusal): Response | Promise<Response> {
  const { relays } = desk.settings.look();
  const relayId = c.req.param('relay');
  const chosen = relays.filter((relay) => relay.isRunning && (relayId === undefined || relay.relayId === relayId));
  if (chosen.length === 0) throw new Refusal('relay-not-found');
  const body = <RestartPage relays={chosen} all={relayId === undefined} refusal={refusal?.message} />;
  return desk.answer(c, { title: t('Restart relays'), body, status: refusal && statusOf(refusal) });
}
