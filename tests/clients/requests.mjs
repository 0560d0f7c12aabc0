// Wraps `fetch`, which all clients use: adds the token of the tests, if any, and keeps what is sent.
const plain = globalThis.fetch;

export const requests = [];
export const methods = [];

globalThis.fetch = (address, options) => {
  const { body } = options;
  requests.push(body ? JSON.parse(body) : Object.fromEntries(new URL(address).searchParams));
  methods.push(options.method ?? "GET");
  const headers = new Headers(options.headers);
  if (process.env.TOKEN) headers.set("Authorization", `Bearer ${process.env.TOKEN}`);
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

/** Of each request, its method, and `text` if it has a document. */
export const sent = () =>
  requests.splice(0).map((each, number) => methods[number] + (each.query ? " text" : ""));
