/** Files of flows: what is exported, what is imported, and what came of it. */
import type { Flow } from '../../db/model.ts';
import { bindings, Field, SelectField } from './fields.tsx';
import { Crumbs, Notice } from './layout.tsx';
import { type FormState, tabUrl } from './props.ts';
import { SecretField } from './secret-fields.tsx';

/** A form that was not typed into. */
const blank: FormState = { values: {}, errors: [] };

export interface ExportPageProps {
  /** Absent: all flows. */
  readonly flow?: Flow;
  readonly action: string;
  readonly refusal?: string;
}

export const ExportPage = ({ flow, action, refusal }: ExportPageProps) => (
  <section class="form-page">
    <Crumbs
      trail={[
        { href: '/', name: 'Flows' },
        ...(flow ? [{ href: tabUrl(flow.id, 'information'), name: flow.name }] : []),
      ]}
    />
    <h1>{flow ? `Export “${flow.name}”` : 'Export all flows'}</h1>
    <form class="stack" method="post" action={action}>
      {refusal && <Notice tone="bad">{refusal}</Notice>}
      <section class="card step">
        <p>You get one JSON file, to keep, or to import here or on another server.</p>
        import {SecretField} from './secret-fields.tsx';
        <SecretField
          form={blank}
          name="passphrase"
          label="Passphrase for the secrets"
          optional
          hint="12 characters or more. Keys and stream keys are in the file only under a passphrase. Left empty, they are left out, and the file names them."
        />
      </section>
      <div class="actions end">
        <a class="button" href={flow ? tabUrl(flow.id, 'information') : '/'}>
          Cancel
        </a>
        <button class="button primary" id="export-yes" type="submit">
          Download the file
        </button>
      </div>
    </form>
  </section>
);

export interface ImportPageProps {
  readonly action: string;
  readonly refusal?: string;
  readonly faults?: readonly { readonly field: string; readonly message: string }[];
}

export const ImportPage = ({ action, refusal, faults = [] }: ImportPageProps) => (
  <section class="form-page">
    <Crumbs trail={[{ href: '/', name: 'Flows' }]} />
    <h1>Import flows</h1>
    <form class="stack" method="post" action={action} enctype="multipart/form-data">
      {refusal && (
        <Notice tone="bad">
          <p>{refusal}</p>
          {faults.length > 0 && (
            <ul>
              {faults.map(({ field, message }) => (
                <li>
                  <code>{field}</code>: {message}
                </li>
              ))}
            </ul>
          )}
        </Notice>
      )}
      <section class="card step">
        <Field form={blank} name="file" label="File of exported flows">
          <input
            type="file"
            accept="application/json,.json"
            required
            {...bindings({ form: blank, name: 'file', label: '' })}
          />
        </Field>
        <SecretField form={blank} name="passphrase" label="Its passphrase" optional />
        <SelectField
          form={blank}
          name="names"
          label="Where there is a flow of the same name"
          options={[
            { value: 'refuse', name: 'Import nothing' },
            { value: 'rename', name: 'Add a number to the name' },
            { value: 'allow', name: 'Have two of that name' },
          ]}
        />
        <label class="switch">
          <input type="checkbox" name="keepPorts" value="on" />
          <span>Keep the input ports of the file where they are free here</span>
        </label>
        <p class="hint">Imported flows are idle. All of the file is looked at before any flow is made.</p>
      </section>
      <div class="actions end">
        <a class="button" href="/">
          Cancel
        </a>
        <button class="button" id="import-try" type="submit" name="dryRun" value="on">
          Only look
        </button>
        <button class="button primary" id="import-yes" type="submit">
          Import
        </button>
      </div>
    </form>
  </section>
);

export interface ImportedLine {
  readonly name: string;
  readonly flowId?: string;
  readonly refusal?: string;
  readonly notes: readonly string[];
}

export const ImportedPage = ({ dryRun, lines }: { dryRun: boolean; lines: readonly ImportedLine[] }) => (
  <section class="form-page">
    <Crumbs trail={[{ href: '/', name: 'Flows' }]} />
    <h1>{dryRun ? 'This file can be imported' : 'Imported'}</h1>
    {dryRun && <p>Nothing was made. These flows would be:</p>}
    <ul class="card">
      {lines.map(({ name, flowId, refusal, notes }) => (
        <li>
          {flowId ? <a href={tabUrl(flowId, 'information')}>{name}</a> : name}
          {refusal && <strong> Not made: {refusal}</strong>} {notes.join(' ')}
        </li>
      ))}
    </ul>
    <div class="actions end">
      {dryRun && (
        <a class="button" href="/flows/import">
          Choose the file again
        </a>
      )}
      <a class="button primary" href="/">
        All flows
      </a>
    </div>
  </section>
);
