interface PanelTitleProps {
  readonly title: string;
  readonly headingRef?: { current: HTMLHeadingElement | null };
  readonly onClose: () => void;
}

/** The title of the part beside the list, with the button that closes it. */
export function PanelTitle({ title, headingRef, onClose }: PanelTitleProps) {
  return (
    <header class="panel-title">
      <h2 id="panel-title" ref={headingRef ?? null} tabIndex={-1}>
        {title}
      </h2>
      <button type="button" class="quiet" onClick={onClose}>
        Close
      </button>
    </header>
  );
}
