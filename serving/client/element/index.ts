/** @file `copydesk/element`: defines `<copy-desk>`. */
import { CopyDesk } from './copy-desk.js';

export type { VerdictDetail } from './copy-desk.js';
export { CopyDesk };

if (!customElements.get('copy-desk')) customElements.define('copy-desk', CopyDesk);

declare global {
  interface HTMLElementTagNameMap {
    'copy-desk': CopyDesk;
  }
  interface HTMLElementEventMap {
    'copydesk-verdict': CustomEvent<import('./copy-desk.js').VerdictDetail>;
    hold: CustomEvent<import('./copy-desk.js').VerdictDetail>;
  }
}
