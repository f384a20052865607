/** A QR code, drawn: for a phone or an encoder with a camera. Only what is no secret is handed to it. */
import { qrModules } from './qr.ts';

/** Light modules around the code, without which readers do not find it. Source: ISO/IEC 18004 section 6.3.8. */
const QUIET = 4;

/** Dark on white in every scheme: many readers do not see a code that is light on dark. */
export const QrCode = ({ text, label }: { text: string; label: string }) => {
  const modules = qrModules(text);
  if (!modules) return null;
  const size = modules.length + 2 * QUIET;
  const path = modules
    .flatMap((line, row) => line.map((dark, column) => (dark ? `M${column + QUIET} ${row + QUIET}h1v1h-1z` : '')))
    .join('');
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
};
