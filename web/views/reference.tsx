/** The reference of the JSON API: every route with its fields, answers and a command. It shows no data of anybody. */

export interface ReferenceField {
  /** `outputs[].name` */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly about: string;
  /** The shape that has its fields. */
  readonly shape?: string | undefined;
}

export interface ReferenceAnswer {
  readonly status: string;
  readonly about: string;
  readonly type?: string | undefined;
  readonly shape?: string | undefined;
  readonly fields: readonly ReferenceField[];
}

export interface ReferenceRoute {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly about?: string | undefined;
  readonly parameters: readonly ReferenceField[];
  /** Of the body. */
  readonly fields: readonly ReferenceField[];
  readonly answers: readonly ReferenceAnswer[];
  readonly curl: string;
}

export interface ReferenceGroup {
  readonly name: string;
  readonly routes: readonly ReferenceRoute[];
}

export interface ReferenceProps {
  readonly title: string;
  readonly version: string;
  readonly about: string;
  readonly groups: readonly ReferenceGroup[];
  readonly shapes: readonly { readonly name: string; readonly fields: readonly ReferenceField[] }[];
}

export const ReferencePage = ({ title, version, about, groups, shapes }: ReferenceProps) => (
  <div class="reference">
    <div class="head">
      <h1>
        {title} API {version}
      </h1>
      <a class="button" href="/api/v1/openapi.json">
        OpenAPI document
      </a>
    </div>
    <p>
      Send an API key by HTTP Basic: its id as user, its secret as password. {about} In the commands put your own key
      for ID:SECRET, and the id of a flow for {'{flowId}'}.
    </p>
    <nav class="card" aria-label="Routes">
      {groups.map(({ name, routes }) => (
        <section>
          <h2>{name}</h2>
          <ul>
            {routes.map((route) => (
              <li>
                <a href={`#${route.id}`}>
                  <code>
                    {route.method} {route.path}
                  </code>
                </a>{' '}
                {route.summary}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
    {groups.flatMap(({ routes }) => routes.map((route) => <Route route={route} />))}
    {shapes.map(({ name, fields }) => (
      <section class="card" id={`shape-${name}`} aria-label={name}>
        <h2>{name}</h2>
        <Fields name={`Fields of ${name}`} fields={fields} />
      </section>
    ))}
  </div>
);

const Route = ({ route }: { route: ReferenceRoute }) => (
  <section class="card" id={route.id} aria-label={`${route.method} ${route.path}`}>
    <h2>
      <code>
        {route.method} {route.path}
      </code>
    </h2>
    <p>{route.summary}.</p>
    {route.about && <p>{route.about}</p>}
    {route.parameters.length > 0 && <Fields name="Parameters" fields={route.parameters} />}
    {route.fields.length > 0 && <Fields name="Body" fields={route.fields} />}
    <h3>Answers</h3>
    <dl class="answers">
      {route.answers.map((answer) => (
        <Answer answer={answer} />
      ))}
    </dl>
    <h3>Command</h3>
    <pre>
      <code>{route.curl}</code>
    </pre>
  </section>
);

const Answer = ({ answer }: { answer: ReferenceAnswer }) => (
  <>
    <dt>{answer.status}</dt>
    <dd>
      {answer.about}
      {answer.shape && (
        <>
          {': '}
          <ShapeLink name={answer.shape} />
        </>
      )}
      {answer.fields.length > 0 && <Fields name="Fields" fields={answer.fields} />}
    </dd>
  </>
);

const ShapeLink = ({ name }: { name: string }) => <a href={`#shape-${name}`}>{name}</a>;

const Fields = ({ name, fields }: { name: string; fields: readonly ReferenceField[] }) => (
  <table>
    <caption>{name}</caption>
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Type</th>
        <th scope="col">About</th>
      </tr>
    </thead>
    <tbody>
      {fields.map((field) => (
        <tr>
          <th scope="row">
            <code>{field.path}</code>
          </th>
          <td>
            {field.shape === field.type ? <ShapeLink name={field.type} /> : field.type}
            {field.required && ', required'}
          </td>
          <td>{field.about}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
