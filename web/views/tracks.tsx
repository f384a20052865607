/** The tracks that pass an endpoint now. */
import type { TrackHealth } from '../../relay/contract/health.ts';
import { t } from './language.ts';
import { trackText } from './track-words.ts';
import { bitrateText } from './units.ts';

export const TrackList = ({ tracks }: { tracks: readonly TrackHealth[] }) =>
  tracks.length === 0 ? (
    <p class="hint">{t('No track found yet.')}</p>
  ) : (
    <ul class="tracks">
      {tracks.map((track) => (
        <li>
          {trackText(track.id, track)}
          <span class="rate">{ratesText(track)}</span>
        </li>
      ))}
    </ul>
  );

function ratesText({ kind, values }: TrackHealth): string {
  const { bitrate, frameRate } = values;
  const parts = [
    kind === 'video' && frameRate !== undefined && `${frameRate.toFixed(2)} ${t('frames/s')}`,
    bitrate !== undefined && bitrateText(bitrate),
  ];
  return parts.filter(Boolean).join(', ');
}
