/** Quotes a text as one word of an ssh option or an ssh_config line, which ssh splits at spaces. */
export const sshWord = (text: string): string => (text.includes(" ") ? `"${text}"` : text);
