/** A text as one word of an ssh option or of a line of ssh_config, which ssh splits at blanks. */
export const sshWord = (text: string): string => (text.includes(" ") ? `"${text}"` : text);
