/** Credentials as callers send them in the Authorization header. */

export interface BasicCredentials {
  readonly id: string;
  readonly secret: string;
}

/** RFC 7617. */
export function basicCredentials(header: string | undefined): BasicCredentials | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,1024})$/i.exec(header ?? '')?.[1];
  if (!encoded) return undefined;
  try {
    const text = new TextDecoder().decode(Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0)));
    const colon = text.indexOf(':');
    return colon > 0 ? { id: text.slice(0, colon), secret: text.slice(colon + 1) } : undefined;
  } catch {
    // Not base64: no credentials.
    return undefined;
  }
}

/** RFC 6750 section 2.1. */
export const bearerToken = (header: string | undefined): string | undefined =>
  /^Bearer ([\w.~+/=-]{1,1024})$/i.exec(header ?? '')?.[1];
