/** @file How the element looks. Set as a constructed style sheet, which strict pages allow. */

/** Colours follow the page's own `color-scheme`; those of both have a contrast of 4.5 at least on their background. */
export const copyDeskStyle = `
:host {
  --_ink: var(--copy-desk-ink, light-dark(#1f2328, #e8eaed));
  --_quiet: var(--copy-desk-quiet, light-dark(#57606a, #a5adb6));
  --_paper: var(--copy-desk-paper, light-dark(#f6f7f9, #23272d));
  --_edge: var(--copy-desk-edge, light-dark(#868e99, #767f8a));
  --_publish: var(--copy-desk-publish, light-dark(#0f6b3a, #6fd39b));
  --_review: var(--copy-desk-review, light-dark(#8a4b00, #f3b866));
  --_block: var(--copy-desk-block, light-dark(#a3151c, #ff9a93));
  display: block;
  font: var(--copy-desk-font, inherit);
}
:host([hidden]) { display: none; }
.box {
  display: flex;
  align-items: baseline;
  gap: 0.6em;
  min-height: 1.5em;
  padding: 0.4em 0.7em;
  border: 1px solid var(--_edge);
  border-inline-start: 0.3em solid var(--_colour, var(--_edge));
  border-radius: var(--copy-desk-radius, 0.3em);
  background: var(--_paper);
  color: var(--_ink);
  font-size: 0.95em;
  line-height: 1.4;
}
.box[data-state='idle'] { display: none; }
.box[data-decision='publish'] { --_colour: var(--_publish); }
.box[data-decision='review'] { --_colour: var(--_review); }
.box[data-decision='block'] { --_colour: var(--_block); }
.mark { flex: none; inline-size: 1em; block-size: 1em; align-self: center; fill: none; stroke: var(--_colour, var(--_quiet)); stroke-width: 2; }
.said { min-inline-size: 0; overflow-wrap: anywhere; }
.decision { font-weight: 600; color: var(--_colour, var(--_ink)); }
.reason { color: var(--_quiet); }
.decision:not(:empty) + .reason:not(:empty) { margin-inline-start: 0.3em; }
@media (forced-colors: active) { .mark { stroke: CanvasText; } }
`;
