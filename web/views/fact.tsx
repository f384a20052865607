/** One configured value with its name, for a list of facts (`<dl class="facts">`). */
import type { Child } from 'hono/jsx';

export const Fact = ({ name, children }: { name: string; children?: Child }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
