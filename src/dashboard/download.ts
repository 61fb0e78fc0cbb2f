/** Lets the browser save a text as a file. */
export function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Chrome reads it after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
