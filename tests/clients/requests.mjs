// Wraps `fetch`, which all clients use: adds the token of the tests, and keeps what is sent.
const plain = globalThis.fetch;

export const requests = [];

globalThis.fetch = (address, options) => {
  const { body } = options;
  requests.push(body ? JSON.parse(body) : Object.fromEntries(new URL(address).searchParams));
  const headers = new Headers(options.headers);
  headers.set("Authorization", `Bearer ${process.env.TOKEN}`);
  return plain(address, { ...options, headers });
};

/** Values as they come in, for somebody who waits for one of them. */
export class Seen {
  values = [];
  #waiting = [];

  push(value) {
    this.values.push(value);
    this.#waiting.filter((each) => each.value === value).forEach((each) => each.resolve());
  }

  async until(value, seconds = 5) {
    if (this.values.includes(value)) return;
    await new Promise((resolve, reject) => {
      this.#waiting.push({ value, resolve });
      const late = () => reject(new Error(`${value} did not come: ${this.values}`));
      setTimeout(late, seconds * 1000);
    });
  }
}

/** The SHA-256 of a text, in hexadecimal digits. */
export async function sha256(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(bytes).toString("hex");
}

/** Of each request, whether it has a document. */
export const haveDocuments = () => requests.splice(0).map((each) => Boolean(each.query));
