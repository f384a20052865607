/** How the console answers: whole pages or fragments, refusals as pages, refused forms as forms. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Layout, MessagePage } from '../../web/views/layout.tsx';
import type { FormState } from '../../web/views/props.ts';
import { t } from '../../web/views/language.ts';
import { type FieldFault, Refusal, type RefusalKind, refusals } from '../refusal.ts';
import { differences, secretsIn, shownAgain, type Values } from './console-drafts.ts';
import { sayFaults, sayRefusal } from './console-refusals.ts';
import { wantsFragment } from './guard.ts';
import { refusalProblem, statusOf as statuses } from './problem.ts';

type Markup = JSX.Element;

type Status = 200 | 401 | 429 | (typeof statuses)[RefusalKind];

export const statusOf = (refusal: Refusal): Status => statuses[refusal.kind];

export interface Page {
  readonly title: string;
  readonly body: Markup;
  /** What htmx is given in place of the page; the body where absent. */
  readonly fragment?: Markup;
  /** The path of the socket that keeps the page true. */
  readonly live?: string;
  readonly status?: Status;
  /** A script that only this page needs, by its name in web/client. */
  readonly script?: string;
  readonly signedIn?: boolean;
}

/** Answers with pages of one version of the static files, and with the number of alarms that fire. */
export type Answer = (c: Context, page: Page) => Response | Promise<Response>;

export const createAnswer =
  (version: string, alarms: () => number): Answer =>
  (c, { title, body, fragment, live, status = 200, script, signedIn = true }) =>
    wantsFragment(c)
      ? c.html(<>{fragment ?? body}</>, status)
      : c.html(
          html`<!doctype html>${(
            <Layout title={title} live={live} signedIn={signedIn} alarms={alarms()} version={version} script={script}>
              {body}
            </Layout>
          )}`,
          status,
        );

/** A no that belongs to no form. */
export const refusalPage = (refusal: Refusal): Page => ({
  title: t('Not possible'),
  body: (
    <MessagePage
      title={refusal.kind === 'missing' ? t('Not found') : t('Not possible')}
      message={sayRefusal(refusal)}
    />
  ),
  status: statusOf(refusal),
});

/** On to another page after a change: a redirect, which htmx is told in its own header. */
export const moveOn = (c: Context, path: string): Response =>
  wantsFragment(c) ? c.body(null, 204, { 'HX-Redirect': path }) : c.redirect(path, 303);

/** A form as it is first shown. */
export const freshForm = (values: Values): FormState => ({ values, errors: [] });

/** A form as it comes back: what was typed, with the faults beside their fields. */
export const refusedForm = (typed: Values, refusal: Refusal): FormState => ({
  values: shownAgain(typed),
  errors: [...sayFaults(refusal.faults), ...emptied(typed)],
  refusal: refusal.faults.length > 0 ? t(refusals['invalid-fields'].words) : sayRefusal(refusal),
});

/**
 * Where another operator changed the flow meanwhile: what is kept now beside what was typed and differs from it. The form
 * then counts as read at the new revision, so that who saves it again does so knowingly.
 */
export function againstKept(form: FormState, { code }: Refusal, kept: Values): FormState {
  if (code !== 'revision-changed') return form;
  const changed = differences(form.values, kept).map(({ field, kept: value }) => ({
    field,
    message: value === '' ? 'Empty or off in what is kept now.' : `Kept now: ${value.replaceAll('\n', ', ')}`,
  }));
  return {
    values: { ...form.values, revision: kept['revision'] ?? '' },
    errors: [...changed, ...form.errors],
    refusal:
      'This flow was changed after you opened this form, perhaps by somebody else. Nothing was saved. ' +
      (changed.length > 0
        ? 'Each field that differs from what is kept now says so. Save again to put yours in its place, or cancel.'
        : 'What you see is what is kept now. Save again, or cancel.'),
  };
}

/** A secret that was typed is not shown again: whoever saves the form now must know that it is gone. */
const emptied = (typed: Values): FieldFault[] =>
  secretsIn(typed).map((field) => ({
    field,
    code: 'emptied',
    message: t('Emptied with the refused form. Type it again.'),
  }));

/** What came of it, or why it was refused. */
export async function orRefusal<T>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** For what scripts and downloads ask: a refusal as a problem. */
export async function orProblem(c: Context, work: () => Promise<Response>): Promise<Response> {
  const answer = await orRefusal(work);
  return answer instanceof Refusal ? refusalProblem(c, answer) : answer;
}
