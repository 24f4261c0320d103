/** The variables that drawings and the pages around them take their colours from, in light and in dark. */
export const colors = `
:root {
  color-scheme: light dark;
  --ink: #1c2430; --muted: #5a6675; --line: #dde2e8; --paper: #ffffff; --panel: #f5f7f9; --accent: #0b6e99; --accent-rgb: 11, 110, 153;
  --good: #1a7f4b; --bad: #b3372f;
  --series-0: #0b6e99; --series-1: #d9730d; --series-2: #1a7f4b; --series-3: #9a3fb5; --series-4: #b3372f; --series-5: #6b7280;
  --series-6: #a37a00; --series-7: #3b5bdb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e9ed; --muted: #a3adb9; --line: #38414c; --paper: #14191f; --panel: #1d242c; --accent: #5cb8e0; --accent-rgb: 92, 184, 224;
    --good: #5fce94; --bad: #f08a80;
    --series-0: #5cb8e0; --series-1: #f2a154; --series-2: #5fce94; --series-3: #cf8fe3; --series-4: #f08a80; --series-5: #a3adb9;
    --series-6: #e0bf4f; --series-7: #91a7ff;
  }
}
`;
