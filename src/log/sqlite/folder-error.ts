// What is wrong with a data folder, in one line for the person who starts the server.

export class FolderError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FolderError";
  }
}
