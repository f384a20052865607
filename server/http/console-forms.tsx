/** The forms of the console: shown, read, handed to flows, and shown again with what was refused. */
import type { Context, Hono } from 'hono';
import type { Output } from '../../db/model.ts';
import { keyLengths, latency, multicastTtl, passphraseLength, protocols } from '../../relay/contract/settings.ts';
import { DeleteOutputPage } from '../../web/views/confirm.tsx';
import {
  CreateFlowForm,
  CreateFlowPage,
  EditInputForm,
  EditInputPage,
  RenameForm,
  RenamePage,
} from '../../web/views/forms.tsx';
import { OutputForm, OutputFormPage } from '../../web/views/output-form.tsx';
import { type Choices, type FormState, tabUrl } from '../../web/views/props.ts';
import { t } from '../../web/views/language.ts';
import { rangeOf } from '../cidr.ts';
import { flowEditSchema, parseDraft } from '../drafts.ts';
import type { Flows } from '../flows.ts';
import type { LiveFlow } from '../monitor.ts';
import { Refusal } from '../refusal.ts';
import type { Desk } from './console-desk.ts';
import { againstKept, freshForm, moveOn, type Page, refusedForm, statusOf } from './console-answers.tsx';
import { mountChecks, parseFlow, parseInputEdit, parseOutput, parseOutputEdit } from './console-checks.tsx';
import * as drafts from './console-drafts.ts';

export function mountForms(app: Hono, desk: Desk): void {
  mountChecks(app, desk);
  mountCreate(app, desk);
  mountRename(app, desk);
  mountInput(app, desk);
  mountNewOutput(app, desk);
  mountOutput(app, desk);
}

function mountCreate(app: Hono, desk: Desk): void {
  const { flows } = desk;
  const page = (c: Context, form: FormState): Page => {
    const props = { form, choices: choicesOf(flows, desk.addressOf(c)) };
    return { title: 'Create flow', body: <CreateFlowPage {...props} />, fragment: <CreateFlowForm {...props} /> };
  };
  app.get('/flows/new', (c) => {
    const values = drafts.newFlowValues(c.req.query('region') ?? '', flows.bandwidths()[0] ?? 0);
    return desk.answer(c, page(c, freshForm(values)));
  });
  app.post('/flows', (c) =>
    submit(c, desk, {
      act: async (form) => {
        const flow = await flows.create(await parseFlow(flows, form));
        return tabUrl(flow.id, 'input');
      },
      // Where no region was chosen the form sent none, and its fault has its place all the same.
      again: (form) => page(c, { ...form, values: { regionId: '', ...form.values } }),
    }),
  );
}

function mountRename(app: Hono, desk: Desk): void {
  const page = (form: FormState, { flow }: LiveFlow): Page => {
    const props = { form, flow };
    return {
      title: t('Rename {name}', { name: flow.name }),
      body: <RenamePage {...props} />,
      fragment: <RenameForm {...props} />,
    };
  };
  app.get('/flows/:id/edit', async (c) => {
    const view = await desk.look(c);
    return desk.answer(c, page(freshForm(renameValues(view)), view));
  });
  app.post('/flows/:id/edit', (c) =>
    submit(c, desk, {
      act: async (form) => {
        const flow = await desk.flows.rename(
          c.req.param('id'),
          parseDraft(flowEditSchema, { name: form['name'] ?? '' }),
          drafts.expectedOf(form),
        );
        return tabUrl(flow.id, 'information');
      },
      again: async (form, refusal) => {
        const view = await desk.look(c);
        return page(againstKept(form, refusal, renameValues(view)), view);
      },
    }),
  );
}

function mountInput(app: Hono, desk: Desk): void {
  const page = (c: Context, form: FormState, { flow, state }: LiveFlow, added?: string): Page => {
    const choices = choicesOf(desk.flows, desk.addressOf(c));
    const props = { form, flow, choices, idle: state === 'idle', added };
    return {
      title: t('Edit input of {name}', { name: flow.name }),
      body: <EditInputPage {...props} />,
      fragment: <EditInputForm {...props} />,
    };
  };
  app.get('/flows/:id/input/edit', async (c) => {
    const view = await desk.look(c);
    const values = inputValues(view);
    const added = drafts.rangeToAllow(c.req.query('allow'), view.flow);
    return added === undefined
      ? desk.answer(c, page(c, freshForm(values), view))
      : desk.answer(c, page(c, freshForm({ ...values, allowlist: `${values['allowlist']}\n${added}` }), view, added));
  });
  app.post('/flows/:id/input/edit', (c) =>
    submit(c, desk, {
      act: async (form) => {
        const { flow } = await desk.look(c);
        const edit = await parseInputEdit(desk.flows, flow, form);
        await desk.flows.editInput(flow.id, edit, drafts.expectedOf(form));
        return tabUrl(flow.id, 'input');
      },
      again: async (form, refusal) => {
        const view = await desk.look(c);
        const whole = { ...form, values: { ...inputValues(view), ...form.values } };
        return page(c, againstKept(whole, refusal, inputValues(view)), view);
      },
    }),
  );
}

function mountNewOutput(app: Hono, desk: Desk): void {
  const page = (form: FormState, view: LiveFlow): Page => outputPage(desk, { form, view });
  app.get('/flows/:id/output/new', async (c) => {
    const view = await desk.look(c);
    return desk.answer(c, page(freshForm(drafts.newOutputValues(view.flow)), view));
  });
  app.post('/flows/:id/output/new', (c) =>
    submit(c, desk, {
      act: async (form) => {
        await desk.flows.addOutput(c.req.param('id'), await parseOutput(desk.flows, c.req.param('id'), form));
        return tabUrl(c.req.param('id'), 'output');
      },
      again: async (form) => page(form, await desk.look(c)),
    }),
  );
}

function mountOutput(app: Hono, desk: Desk): void {
  app.get('/flows/:id/output/:output/edit', async (c) => {
    const view = await desk.look(c);
    const output = outputOf(c, view);
    return desk.answer(c, outputPage(desk, { form: freshForm(outputValues(output, view)), view, output }));
  });
  app.post('/flows/:id/output/:output/edit', (c) =>
    submit(c, desk, {
      act: async (form) => {
        const view = await desk.look(c);
        const output = outputOf(c, view);
        const edit = await parseOutputEdit(desk.flows, view.flow, { output, form });
        await desk.flows.editOutput(view.flow.id, output.id, edit, drafts.expectedOf(form));
        return tabUrl(view.flow.id, 'output');
      },
      again: async (form, refusal) => {
        const view = await desk.look(c);
        const output = outputOf(c, view);
        return outputPage(desk, { form: againstKept(form, refusal, outputValues(output, view)), view, output });
      },
    }),
  );
  app.get('/flows/:id/output/:output/delete', async (c) => desk.answer(c, deleteOutputPage(c, await desk.look(c))));
  app.post('/flows/:id/output/:output/delete', (c) =>
    submit(c, desk, {
      act: async (form) => {
        await desk.flows.deleteOutput(c.req.param('id'), c.req.param('output'), drafts.expectedOf(form));
        return tabUrl(c.req.param('id'), 'output');
      },
      again: async (form) => deleteOutputPage(c, await desk.look(c), form.refusal),
    }),
  );
}

function outputPage(desk: Desk, { form, view, output }: { form: FormState; view: LiveFlow; output?: Output }): Page {
  const props = { form, flow: view.flow, output, choices: choicesOf(desk.flows), idle: view.state === 'idle' };
  return {
    title: output ? t('Edit {name}', { name: output.name }) : t('Create output of {name}', { name: view.flow.name }),
    body: <OutputFormPage {...props} />,
    fragment: <OutputForm {...props} />,
  };
}

function deleteOutputPage(c: Context, view: LiveFlow, refusal?: string): Page {
  const output = outputOf(c, view);
  return {
    title: t('Delete {name}', { name: output.name }),
    body: <DeleteOutputPage view={view} output={output} refusal={refusal} />,
  };
}

function outputOf(c: Context, { flow }: LiveFlow): Output {
  const output = flow.outputs.find(({ id }) => id === c.req.param('output'));
  if (!output) throw new Refusal('output-not-found');
  return output;
}

export interface Submission {
  /** Does what the form asks, and returns the path to go on to. */
  readonly act: (form: drafts.Values) => Promise<string>;
  /** The page of the form as it was typed, with what was refused. */
  readonly again: (form: FormState, refusal: Refusal) => Page | Promise<Page>;
}

/** Does what a form asks and goes on, or shows it again with what was refused. */
export async function submit(c: Context, desk: Desk, { act, again }: Submission): Promise<Response> {
  const typed = await drafts.readForm(c);
  try {
    return moveOn(c, await act(typed));
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind === 'missing') throw error;
    return desk.answer(c, { ...(await again(refusedForm(typed, error), error)), status: statusOf(error) });
  }
}

/** What the edit forms show of what is kept, with the revision that it was read at. */
const renameValues = ({ flow }: LiveFlow): drafts.Values => ({ name: flow.name, ...drafts.readAt(flow) });
const inputValues = ({ flow }: LiveFlow): drafts.Values => ({ ...drafts.inputValues(flow), ...drafts.readAt(flow) });
const outputValues = (output: Output, { flow }: LiveFlow): drafts.Values => ({
  ...drafts.outputValues(output),
  ...drafts.readAt(flow),
});

/** `caller`: the address that the form's reader comes from, where it asks whom to let in. */
const choicesOf = (flows: Flows, caller = ''): Choices => ({
  ownRange: rangeOf(caller),
  regions: flows.regions(),
  bandwidths: flows.bandwidths(),
  protocols,
  keyLengths,
  latency,
  passphrase: passphraseLength,
  ttl: multicastTtl,
});
