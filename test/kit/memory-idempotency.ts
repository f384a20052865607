/** Answers kept in memory, for tests of the ways in; the real one is tested beside its table. */
import type { Given, Idempotency } from '../../server/idempotency.ts';
import { Refusal } from '../../server/refusal.ts';

export function memoryIdempotency(): Idempotency {
  const answers = new Map<string, { request: string; given: Given }>();
  return {
    once: async ({ caller, key, request }, act) => {
      const id = `${caller} ${key}`;
      const former = answers.get(id);
      if (former && former.request !== request) throw new Refusal('idempotency-key-reused');
      if (former) return { ...former.given, isAgain: true };
      const given = { answer: await act(), isAgain: false };
      if (given.answer.status < 400) answers.set(id, { request, given });
      return given;
    },
  };
}
