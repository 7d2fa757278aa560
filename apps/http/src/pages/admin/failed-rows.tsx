import type { FailedRow } from "./read-rows.ts";

/** The number of rows that are shown; the file of the failed rows has all of them. */
const MAX_SHOWN_ROWS = 1_000;

/** The rows that are not or cannot be imported, with the rules that they violate. */
export function FailedRows({ rows }: { readonly rows: readonly FailedRow[] }) {
  return (
    // A region that scrolls must be reachable by keyboard.
    <div class="scroll" role="region" aria-label="Failed rows" tabIndex={0}>
      <table class="failed-rows">
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Rule</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MAX_SHOWN_ROWS).map(({ row, rules }) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              <td>
                {rules.map((rule) => (
                  <div key={rule}>{rule}</div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MAX_SHOWN_ROWS && <p>The file of the failed rows has all of them.</p>}
    </div>
  );
}
