/** What a browser sees at `/`: what this is, and the events of the local session as they come. */

const SCRIPT = `
const log = document.querySelector("ol");
const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/ws" + location.search);
const show = ({ type, data }) => {
  if (type === "replay") return data.events.forEach(show);
  const item = document.createElement("li");
  item.textContent = type + " " + JSON.stringify(data);
  log.append(item);
  if (log.children.length > 500) log.firstChild.remove();
  item.scrollIntoView();
};
socket.onmessage = ({ data }) => show(JSON.parse(data));
socket.onclose = () => show({ type: "The connection is closed; reload to connect again.", data: {} });
document.querySelector("form").onsubmit = (event) => {
  event.preventDefault();
  const input = document.querySelector("input");
  socket.send(JSON.stringify({ type: "message", data: { text: input.value } }));
  input.value = "";
};`;

const STYLE = `
:root { color-scheme: light dark; font: 16px system-ui; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
ol { font: 13px ui-monospace, monospace; height: 60vh; overflow: auto; overflow-wrap: anywhere; }
input { font: inherit; width: 70%; }`;

/** The page, and the policy under which only its own script and style run. */
export async function page(): Promise<{ readonly html: string; readonly policy: string }> {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Parley</title>
<meta name="viewport" content="width=device-width"><style>${STYLE}</style>
<h1>Parley</h1><p>This is a local voice server. Clients connect by WebSocket at <code>/ws</code>; below is what
happens in the session that owns this machine's microphone and loudspeaker.</p>
<form><label>Say something: <input name="text" required autocomplete="off"></label> <button>Send</button></form>
<ol role="log" aria-label="Events"></ol><script>${SCRIPT}</script></html>`;
  const policy = `default-src 'none'; connect-src 'self' ws: wss:; script-src ${await hash(SCRIPT)}; ` +
    `style-src ${await hash(STYLE)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { html, policy };
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}
