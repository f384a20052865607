/** The number in the navigation. */

/** How many fire, beside the word in the navigation. */
export const AlarmCount = ({ count }: { count: number }) => (
  <span id="alarm-count" class={count > 0 ? 'count bad' : 'count'}>
    {count > 0 && (
      <>
        {count}
        <span class="sr"> firing</span>
      </>
    )}
  </span>
);
