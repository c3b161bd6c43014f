/** The console: a bar, rooms, tables and forms. */
export const consoleStyles = ``;
