/** The words that the glossary in CONTRIBUTING.md replaces. */
const DISCOURAGED_WORDS = [
    /\banswer(?:s|ed|ing)?\b/gi,
    /\b(?:tells?|telling|told)\b/gi,
    /\b(?:says?|saying|said)\b/gi,
    /\bask(?:s|ed|ing)?\b/gi,
    /\b(?:whoever|whomever|whatever|whichever|nobody|somebody|anybody|everybody)\b/gi,
    /\b(?:mend(?:s|ed|ing)?|meanwhile|anew|affair)\b/gi,
    /\bjudg(?:e|es|ed|ing)\b/gi,
    /\bwrong(?:ly)?\b/gi,
    // A network connection is refused (ECONNREFUSED); everything else is rejected.
    /(?<!connection (?:is |was |that is )?)\brefus(?:e|es|ed|ing|als?)\b(?! (?:a |the |every )?connection)/gi,
    /\bforg(?:ets?|ot|otten|etting)\b/gi,
    /\bremember(?:s|ed|ing)?\b/gi,
    /\b(?:patience|lives)\b/gi,
    /\b(?:at the same time|in one step|about to end|come what may|of a person|unless told)\b/gi,
    /\b(?:gives?|given|giving|gave) back\b/gi,
    /\bputs? right\b/gi,
];
/** The beginning of a sentence, or of a lower-case test title, with a relative pronoun. */
const SENTENCE_START = /(?:^\s*|[.!?:]\s+)(?:What|Who|Whoever|Whatever)\b/g;
const TITLE_START = /^(?:what|who)\b/g;
/** Returns the discouraged words and sentence beginnings in a text. Code between backticks does not count. */
export function findDiscouragedWords(text) {
    const prose = text.replaceAll(/`[^`]*`|\{@link [^}]*\}|https?:\S+/g, "code");
    return [...DISCOURAGED_WORDS, SENTENCE_START, TITLE_START].flatMap((pattern) => (prose.match(pattern) ?? []).map((word) => word.replace(/^\W+/, "")));
}
//# sourceMappingURL=discouraged-words.js.map