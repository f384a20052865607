/** The alarm rules: made at the first start, and edited by operators. All are held in memory. */
import { randomUUID } from 'node:crypto';
import { readFact, writeFact } from '../db/access.ts';
import { type AlarmKind, alarmKinds, type AlarmRule } from '../db/alarm-model.ts';
import { deleteRule, loadRules, saveRule } from '../db/alarms.ts';
import type { OpenedDatabase } from '../db/open.ts';
import type { RuleDraft, RuleEdit } from './alarm-drafts.ts';
import { kindOf } from './alarm-kinds.ts';
import { Refusal, refuseField } from './refusal.ts';
import { kept } from './store.ts';

const MADE_FACT = 'alarm-rules';
const MOST_RULES = 1000;

export interface AlarmRules {
  list(): readonly AlarmRule[];
  /** Throws a Refusal where there is none with this id. */
  get(ruleId: string): AlarmRule;
  create(draft: RuleDraft): Promise<AlarmRule>;
  edit(ruleId: string, edit: RuleEdit): Promise<AlarmRule>;
  remove(ruleId: string): Promise<void>;
}

export interface AlarmRulesDeps {
  readonly database: OpenedDatabase;
  readonly hasFlow: (flowId: string) => boolean;
  /** Epoch ms. */
  readonly now: () => number;
}

/** A rule of a flow that was deleted is gone with it. */
export async function openAlarmRules({ database, hasFlow, now }: AlarmRulesDeps): Promise<AlarmRules> {
  const { db, write } = database;
  if ((await readFact(db, MADE_FACT)) === undefined) await makeFirst(database, now());
  const rules = new Map((await loadRules(db)).map((rule) => [rule.id, rule]));
  const find = (ruleId: string): AlarmRule => {
    const rule = rules.get(ruleId);
    if (!rule || !isThere(rule)) throw new Refusal('alarm-rule-not-found');
    return rule;
  };
  const isThere = ({ flowId }: AlarmRule): boolean => flowId === undefined || hasFlow(flowId);
  const save = async (rule: AlarmRule): Promise<AlarmRule> => {
    await kept(write(() => saveRule(db, rule)));
    rules.set(rule.id, rule);
    return rule;
  };
  return {
    list: () => [...rules.values()].filter(isThere),
    get: find,
    create: async ({ kind, flowId, ...rest }) => {
      if (flowId !== undefined && !hasFlow(flowId)) throw refuseField('flow-not-found', 'flowId');
      if (flowId !== undefined && kindOf(kind).scope === 'server') throw refuseField('alarm-rule-of-server', 'flowId');
      if ([...rules.values()].some((it) => it.kind === kind && it.flowId === flowId))
        throw refuseField('alarm-rule-exists', 'kind');
      if (rules.size >= MOST_RULES) throw new Refusal('too-many-alarm-rules');
      checkThreshold(kind, rest.threshold);
      const rule = { ...initialRule(kind, now()), ...(flowId !== undefined && { flowId }), ...given(rest) };
      try {
        return await save(rule);
      } catch (error) {
        // It was deleted while we wrote.
        if (!isThere(rule)) throw refuseField('flow-not-found', 'flowId');
        throw error;
      }
    },
    edit: async (ruleId, edit) => {
      const next = { ...find(ruleId), ...given(edit) };
      checkThreshold(next.kind, next.threshold);
      return save(next);
    },
    remove: async (ruleId) => {
      find(ruleId);
      await kept(write(() => deleteRule(db, ruleId)));
      rules.delete(ruleId);
    },
  };
}

const initialRule = (kind: AlarmKind, createdAt: number): AlarmRule => {
  const { holdMs, clearMs } = kindOf(kind);
  return { id: randomUUID(), kind, enabled: true, holdMs, clearMs, createdAt };
};

async function makeFirst({ db, write }: OpenedDatabase, now: number): Promise<void> {
  await write(async () => {
    for (const kind of alarmKinds) if (kindOf(kind).initially) await saveRule(db, initialRule(kind, now));
    await writeFact(db, MADE_FACT, 'made');
  });
}

function checkThreshold(kind: AlarmKind, threshold: number | undefined): void {
  const range = kindOf(kind).threshold;
  if (!range && threshold !== undefined) throw refuseField('alarm-threshold-not-used', 'threshold');
  if (!range) return;
  if (threshold === undefined) throw refuseField('alarm-threshold-needed', 'threshold');
  if (threshold >= range.min && threshold <= range.max) return;
  const words = `From ${range.min} to ${range.max}, ${range.unit === 'ratio' ? 'as a ratio' : 'in bit/s'}.`;
  throw new Refusal('invalid-fields', [{ field: 'threshold', code: 'invalid', message: words }]);
}

/** Without what is undefined, which would stand in the place of what is kept. */
const given = ({ enabled, threshold, holdMs, clearMs }: RuleEdit): Partial<AlarmRule> => ({
  ...(enabled !== undefined && { enabled }),
  ...(threshold !== undefined && { threshold }),
  ...(holdMs !== undefined && { holdMs }),
  ...(clearMs !== undefined && { clearMs }),
});
