/** The pages about alarms: those that fire, the rules, and the webhooks that are told. */
import type { Context, Hono } from 'hono';
import { alarmKinds, ruleDraftSchema, ruleEditSchema } from '../alarm-drafts.ts';
import { AlarmRulesPage, DeleteRulePage, RuleForm, RulePage, type RuleView } from '../../web/views/alarm-rules.tsx';
import { AlarmsPage, FiringAlarms } from '../../web/views/alarms.tsx';
import type { FormState } from '../../web/views/props.ts';
import { parseDraft } from '../drafts.ts';
import { amountText, kindOf, noted } from '../alarm-kinds.ts';
import { freshForm, moveOn, type Page } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';
import type { Values } from './console-drafts.ts';
import { submit } from './console-forms.tsx';
import { mountWebhookPages } from './console-webhooks.tsx';
import { wantsFragment } from './guard.ts';
import { alarmsLivePath } from './live-paths.ts';

const PAGE = 50;
const RULES = '/alarms/rules';

export const kindChoices = alarmKinds.map((kind) => ({ kind, name: kindOf(kind).name, when: kindOf(kind).when }));

export function mountAlarmPages(app: Hono, desk: Desk): void {
  mountList(app, desk);
  mountRules(app, desk);
  mountWebhookPages(app, desk);
}

function mountList(app: Hono, { alarms, answer }: Desk): void {
  app.get('/alarms', async (c) => {
    const over = await alarms.history({ before: c.req.query('before'), limit: PAGE });
    const last = over.length === PAGE ? over.at(-1) : undefined;
    const older = last && `/alarms?before=${encodeURIComponent(last.id)}#alarms-over`;
    const body = <AlarmsPage firing={alarms.firing().map(noted)} over={over.map(noted)} older={older} />;
    return answer(c, { title: 'Alarms', body, live: alarmsLivePath });
  });
  app.post('/alarms/:id/acknowledge', async (c) => {
    await alarms.acknowledge(c.req.param('id'), 'console');
    if (!wantsFragment(c)) return moveOn(c, '/alarms');
    return answer(c, { title: 'Alarms', body: <FiringAlarms firing={alarms.firing().map(noted)} /> });
  });
}

function mountRules(app: Hono, desk: Desk): void {
  const { alarmRules, answer } = desk;
  const choices = async () => ({
    kinds: kindChoices,
    flows: (await desk.flows.list()).map(({ id, name }) => ({ value: id, name })),
  });
  const page = async (form: FormState, rule?: RuleView): Promise<Page> => {
    const props = { form, rule, choices: await choices() };
    const title = rule ? `Rule: ${rule.name}` : 'Create rule';
    return { title, body: <RulePage {...props} />, fragment: <RuleForm {...props} /> };
  };
  const find = async (c: Context): Promise<RuleView> => view(desk, alarmRules.get(c.req.param('id') ?? ''));
  app.get(RULES, async (c) => {
    const rules = await Promise.all(alarmRules.list().map((rule) => view(desk, rule)));
    return answer(c, { title: 'Alarm rules', body: <AlarmRulesPage rules={rules} />, live: alarmsLivePath });
  });
  app.get(`${RULES}/new`, async (c) =>
    answer(c, await page(freshForm({ kind: 'loss-above', flowId: '', enabled: 'on' }))),
  );
  app.post(`${RULES}/new`, (c) =>
    submit(c, desk, {
      act: async (form) => {
        const kind = form['kind'];
        const flowId = form['flowId'] || undefined;
        await alarmRules.create(parseDraft(ruleDraftSchema, { kind, flowId, ...ruleFields(form, kind) }));
        desk.alarms.look();
        return RULES;
      },
      again: (form) => page(form),
    }),
  );
  app.get(`${RULES}/:id`, async (c) =>
    answer(c, await page(freshForm(ruleValues(alarmRules.get(c.req.param('id')))), await find(c))),
  );
  app.post(`${RULES}/:id`, (c) =>
    submit(c, desk, {
      act: async (form) => {
        const rule = alarmRules.get(c.req.param('id'));
        await alarmRules.edit(rule.id, parseDraft(ruleEditSchema, ruleFields(form, rule.kind)));
        desk.alarms.look();
        return RULES;
      },
      again: async (form) => page(form, await find(c)),
    }),
  );
  const ask = async (c: Context, refusal?: string): Promise<Page> => {
    const rule = await find(c);
    return { title: `Delete ${rule.name}`, body: <DeleteRulePage rule={rule} refusal={refusal} /> };
  };
  app.get(`${RULES}/:id/delete`, async (c) => answer(c, await ask(c)));
  app.post(`${RULES}/:id/delete`, (c) =>
    submit(c, desk, {
      act: async () => {
        await alarmRules.remove(c.req.param('id'));
        desk.alarms.look();
        return RULES;
      },
      again: (form) => ask(c, form.refusal),
    }),
  );
}

type Rule = ReturnType<Desk['alarmRules']['get']>;

async function view({ flows }: Desk, { threshold, ...rule }: Rule): Promise<RuleView> {
  const { name, when, threshold: range } = kindOf(rule.kind);
  const flow = (await flows.list()).find(({ id }) => id === rule.flowId);
  return {
    ...rule,
    name,
    when,
    ...(range && { unit: range.unit === 'ratio' ? ('%' as const) : ('Mbps' as const) }),
    ...(threshold !== undefined && { threshold: amountText(rule.kind, threshold) }),
    ...(flow && { flowName: flow.name }),
  };
}

/** How many of the threshold's unit are one of what people type: percent, Mbps. */
const scaleOf = (kind: string | undefined): number =>
  alarmKinds.some((it) => it === kind && kindOf(it).threshold?.unit === 'ratio') ? 0.01 : 1e6;

/** Empty is absent: as is usual for the kind. What is no number is NaN, which the schema refuses. */
const number = (text: string | undefined, scale: number): number | undefined =>
  text === undefined || text.trim() === '' ? undefined : rounded(Number(text.replace(',', '.')) * scale);

/** 2.5 % is 0.025, and not what floating point makes of it. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

const ruleFields = (form: Values, kind: string | undefined) => ({
  enabled: form['enabled'] === 'on',
  threshold: number(form['threshold'], scaleOf(kind)),
  holdMs: number(form['hold'], 1000),
  clearMs: number(form['clear'], 1000),
});

const ruleValues = ({ kind, enabled, threshold, holdMs, clearMs }: Rule): Values => ({
  threshold: threshold === undefined ? '' : String(rounded(threshold / scaleOf(kind))),
  hold: String(holdMs / 1000),
  clear: String(clearMs / 1000),
  enabled: enabled ? 'on' : 'off',
});
