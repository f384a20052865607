/** Fetches its argument as a client of the JSON API would, in a process of its own, and prints how many bytes came. */
import { basic, KEY } from '../kit/rest-house.ts';

const [, , url = ''] = process.argv;
const response = await fetch(url, { headers: { authorization: basic(KEY.id, KEY.secret) } });
console.log(`${response.status} ${(await response.arrayBuffer()).byteLength}`);
