import { MAX_METADATA_MEMBERS } from "@user-management/domain";
import { useEffect, useRef } from "preact/hooks";
import { createRow, type MetadataRow } from "./draft.ts";
import type { Failure } from "./failure.ts";
import { LABELS } from "./fields.ts";

interface MetadataRowsProps {
  readonly rows: readonly MetadataRow[];
  readonly errors: Failure["fields"];
  readonly isReadOnly: boolean;
  readonly onChange: (rows: readonly MetadataRow[]) => void;
}

/** The members of metadata, one row each. */
export function MetadataRows({ rows, errors, isReadOnly, onChange }: MetadataRowsProps) {
  const ref = useRef<HTMLFieldSetElement>(null);
  const isAdding = useRef(false);
  const replace = (row: MetadataRow) => onChange(rows.map((other) => (other.id === row.id ? row : other)));
  const add = () => {
    isAdding.current = true;
    onChange([...rows, createRow()]);
  };
  useEffect(() => {
    if (isAdding.current) ref.current?.querySelector<HTMLElement>(".metadata-row:last-of-type input")?.focus();
    isAdding.current = false;
  }, [rows.length]);
  const remove = ({ id }: MetadataRow) => {
    onChange(rows.filter((other) => other.id !== id));
    ref.current?.querySelector<HTMLElement>(".add")?.focus();
  };
  if (isReadOnly && rows.length === 0) return null;

  return (
    <fieldset ref={ref} class="metadata">
      <legend>{LABELS.metadata}</legend>
      {rows.map((row, index) => {
        const error = errors[`metadata.${row.name}`];
        const common = {
          "aria-invalid": error !== undefined,
          "aria-describedby": error === undefined ? undefined : `metadata-${row.id}-error`,
          readOnly: isReadOnly,
          autoComplete: "off",
        } as const;
        return (
          <div key={row.id} class="metadata-row">
            <input
              {...common}
              aria-label={`Metadata name ${index + 1}`}
              placeholder="Name"
              value={row.name}
              onInput={(event) => replace({ ...row, name: event.currentTarget.value })}
            />
            <input
              {...common}
              aria-label={`Metadata value ${index + 1}`}
              placeholder="Value"
              value={row.value}
              onInput={(event) => replace({ ...row, value: event.currentTarget.value })}
            />
            {!isReadOnly && (
              <button
                type="button"
                class="quiet"
                aria-label={`Remove metadata ${index + 1}`}
                onClick={() => remove(row)}
              >
                ×
              </button>
            )}
            {error !== undefined && (
              <p class="field-error" id={`metadata-${row.id}-error`}>
                {error}
              </p>
            )}
          </div>
        );
      })}
      {errors["metadata"] !== undefined && <p class="field-error">{errors["metadata"]}</p>}
      {!isReadOnly && rows.length < MAX_METADATA_MEMBERS && (
        <button type="button" class="quiet add" onClick={add}>
          Add metadata
        </button>
      )}
    </fieldset>
  );
}
