/** Control characters, and those that turn the direction of a line around. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A text of somebody else (a node's name, an Envoy's words) for a terminal: on one line, and
 * unable to move the cursor or to colour anything. Such characters are spelled as in JSON.
 */
export const printable = (text: string): string =>
  text.replace(CONTROL, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
