import { GENDERS } from "@user-management/domain";
import { useEffect, useRef } from "preact/hooks";
import type { Draft } from "./draft.ts";
import type { Failure } from "./failure.ts";
import { INPUT_NAMES, isRequired, LABELS, type InputName } from "./fields.ts";
import { MetadataRows } from "./metadata-rows.tsx";

interface UserFormProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly failure: Failure | undefined;
  readonly isReadOnly: boolean;
}

/** The keyboards of a touch screen. The type of every input is text: an input for emails would change its text. */
const INPUT_MODES: Partial<Record<InputName, "email" | "tel">> = { email: "email", phone_number: "tel" };

/** The inputs of a user, each with the rule that its text violates. The first invalid one receives the focus. */
export function UserForm({ draft, onChange, failure, isReadOnly }: UserFormProps) {
  const ref = useRef<HTMLDivElement>(null);
  const fields = failure?.fields ?? {};
  useEffect(() => {
    ref.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [failure]);
  const change = (name: InputName, text: string) => onChange({ ...draft, inputs: { ...draft.inputs, [name]: text } });

  return (
    <div ref={ref}>
      {failure && (
        <p class="notice error" role="alert">
          {failure.message}
        </p>
      )}
      <div class="fields">
        {INPUT_NAMES.map((name) => {
          const error = fields[name];
          const common = {
            id: name,
            value: draft.inputs[name],
            "aria-invalid": error !== undefined,
            "aria-describedby": describeBy(error !== undefined && `${name}-error`, name === "dob" && "dob-hint"),
          };
          return (
            <div key={name} class={`field field-${name}`}>
              <label for={name}>{LABELS[name]}</label>
              {!isRequired(name) && <small aria-hidden="true">optional</small>}
              {name === "dob" && <small id="dob-hint">YYYY-MM-DD</small>}
              {name === "gender" ? (
                <select {...common} disabled={isReadOnly} onChange={(event) => change(name, event.currentTarget.value)}>
                  {listGenders(draft.inputs.gender).map((gender) => (
                    <option key={gender} value={gender}>
                      {gender || "Choose …"}
                    </option>
                  ))}
                </select>
              ) : (
                <input
                  {...common}
                  inputMode={INPUT_MODES[name] ?? "text"}
                  readOnly={isReadOnly}
                  autoComplete="off"
                  onInput={(event) => change(name, event.currentTarget.value)}
                />
              )}
              {error !== undefined && (
                <p class="field-error" id={`${name}-error`}>
                  {error}
                </p>
              )}
            </div>
          );
        })}
      </div>
      <MetadataRows
        rows={draft.rows}
        errors={fields}
        isReadOnly={isReadOnly}
        onChange={(rows) => onChange({ ...draft, rows })}
      />
    </div>
  );
}

/** Returns the choices; a legacy user may have another value. */
function listGenders(value: string): string[] {
  return (GENDERS as readonly string[]).includes(value) ? [...GENDERS] : [value, ...GENDERS];
}

function describeBy(...ids: (string | false)[]): string | undefined {
  return ids.filter(Boolean).join(" ") || undefined;
}
