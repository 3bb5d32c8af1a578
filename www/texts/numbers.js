// Numbers as a language writes them, and which form of a word they take.

/** @param {string} language */
export function numbersIn(language) {
  const rules = new Intl.PluralRules(language);
  /** @type {Map<number, Intl.NumberFormat>} */
  const formats = new Map();
  /** @param {number} value @param {number} digits after the decimal sign */
  const fixed = (value, digits) => {
    const format = formats.get(digits) ?? new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    formats.set(digits, format);
    return format.format(value).replace("-", "−");
  };
  return {
    fixed,
    /** @param {number} value */
    number: (value) => fixed(Math.round(value), 0),
    /** @param {number} bytes */
    megabytes: (bytes) => fixed(bytes / 1e6, bytes < 9.95e6 ? 1 : 0),
    /** @param {number} share from 0 to 1 */
    percent: (share) => `${fixed(share * 100, 0)} %`,
    /** Names, the first of many. @param {string[]} names */
    listed: (names) => names.slice(0, 5).join(", ") + (names.length > 5 ? " …" : ""),
    /** The number with its word. @param {number} count @param {string} one @param {string} other */
    counted: (count, one, other) => `${fixed(count, 0)} ${rules.select(count) === "one" ? one : other}`,
    /** @param {number} count @param {string} one @param {string} other */
    plural: (count, one, other) => (rules.select(count) === "one" ? one : other),
  };
}
