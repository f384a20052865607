/** What htmx and its ws extension say in their events, as far as the console listens. */

/** The close code of `htmx:ws:close`. */
export const closeCodeOf = (event: Event): number | undefined => {
  const code = get(detailOf(event), 'code');
  return typeof code === 'number' ? code : undefined;
};

/** The socket of a `htmx:ws:*` event, if it has one. */
export const socketOf = (event: Event): WebSocket | undefined => {
  const socket = get(get(detailOf(event), 'connection'), 'socket');
  return socket instanceof WebSocket ? socket : undefined;
};

/** The status of the response that a `htmx:*` event is about; none where no response came. */
export const responseStatusOf = (event: Event): number | undefined => {
  const status = get(get(get(detailOf(event), 'ctx'), 'response'), 'status');
  return typeof status === 'number' ? status : undefined;
};

const detailOf = (event: Event): unknown => (event instanceof CustomEvent ? event.detail : undefined);

const get = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
