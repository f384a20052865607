/** Forms checked whole, by schema and by rule: before they are done, and as each of their fields is left. */
import type { Context, Hono } from 'hono';
import type { Flow, Output } from '../../db/model.ts';
import { FieldChecks } from '../../web/views/field-checks.tsx';
import { type FlowDraft, flowDraftSchema, type InputEdit, inputEditSchema, type OutputDraft } from '../drafts.ts';
import { type OutputEdit, outputDraftSchema, outputEditSchema } from '../drafts.ts';
import { faultsIn, parseWhole } from '../draft-check.ts';
import type { Flows } from '../flows.ts';
import { Refusal } from '../refusal.ts';
import type { Desk } from './console-desk.ts';
import * as drafts from './console-drafts.ts';

/** Each throws a Refusal that has every fault of what was typed. */
export const parseFlow = ({ check }: Flows, form: drafts.Values): Promise<FlowDraft> =>
  parseWhole(flowDraftSchema, drafts.flowDraft(form), (draft) => check.create(draft));

export const parseInputEdit = ({ check }: Flows, { id, input }: Flow, form: drafts.Values): Promise<InputEdit> =>
  parseWhole(inputEditSchema, drafts.inputEdit(form, input), (edit) => check.editInput(id, edit));

export const parseOutput = ({ check }: Flows, flowId: string, form: drafts.Values): Promise<OutputDraft> =>
  parseWhole(outputDraftSchema, drafts.outputDraft(form), (draft) => check.addOutput(flowId, draft));

export const parseOutputEdit = (
  { check }: Flows,
  flow: Flow,
  { output, form }: { readonly output: Output; readonly form: drafts.Values },
): Promise<OutputEdit> =>
  parseWhole(outputEditSchema, drafts.outputEdit(form, output), (edit) => check.editOutput(flow.id, output.id, edit));

type Check = (c: Context, form: drafts.Values) => Promise<unknown>;

/** Each answers htmx with the faults of the field that was left; nothing is done. */
export function mountChecks(app: Hono, desk: Desk): void {
  const { flows } = desk;
  const flowOf = (c: Context): Promise<Flow> => flows.get(c.req.param('id') ?? '');
  const checks: Readonly<Record<string, Check>> = {
    '/flows/check': (_, form) => parseFlow(flows, form),
    '/flows/:id/input/check': async (c, form) => parseInputEdit(flows, await flowOf(c), form),
    '/flows/:id/output/check': (c, form) => parseOutput(flows, c.req.param('id') ?? '', form),
    '/flows/:id/output/:output/check': async (c, form) => {
      const flow = await flowOf(c);
      const output = flow.outputs.find(({ id }) => id === c.req.param('output'));
      if (!output) throw new Refusal('output-not-found');
      return parseOutputEdit(flows, flow, { output, form });
    },
  };
  for (const [path, check] of Object.entries(checks))
    app.post(path, async (c) => {
      const form = await drafts.readForm(c);
      const faults = await faultsIn(() => check(c, form));
      return c.html(<FieldChecks left={c.req.query('field') ?? ''} names={Object.keys(form)} faults={faults} />);
    });
}
