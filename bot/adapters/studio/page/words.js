// The page's words in the reader's language, and what else the server tells once.
const answer = await fetch("/api/words");
if (answer.status === 401) location.assign("/login");
const told = await answer.json();

export const words = told.words;
export const commands = told.commands;
export const mostBytes = told.most_bytes;
export const tooLarge = told.too_large;
