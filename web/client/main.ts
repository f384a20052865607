/** What the browser adds to the pages, which work without it. htmx and its ws extension are loaded before. */
import { offerCopies } from './copy.ts';
import { openDialogs } from './dialog.ts';
import { tellFailures } from './failures.ts';
import { watchLine } from './line.ts';
import { helpForms } from './form-help.ts';
import { offerPreviews } from './preview-button.ts';
import { showLocalTimes } from './time.ts';

document.documentElement.classList.add('js');
showLocalTimes(document.body);
offerCopies(document);
openDialogs(document);
offerPreviews(document);
helpForms(document);
tellFailures(document);
watchLine(document);
