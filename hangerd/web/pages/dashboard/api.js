// Requests to the daemon, at paths relative to the page. What it refuses is thrown, in words that can be shown.

export class Refused extends Error {
  constructor(status, told) {
    super([told.message, told.remedy].filter(Boolean).join(' ') || `The daemon answered ${status}.`);
    this.status = status;
  }
}

/** Ask, with JSON if there is a body; gives the response if that is no refusal. `signal` may end it. */
export async function ask(method, path, body, signal) {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  let response;
  try {
    response = await fetch(path, { method, signal, ...json });
  } catch {
    throw new Refused(0, { message: 'The daemon cannot be reached.' });
  }
  if (!response.ok) throw new Refused(response.status, await refusal(response));
  return response;
}

/** Read what a refusal says; something between us and the daemon may have answered in other ways than it. */
export async function refusal(response) {
  try {
    return (await response.json()) ?? {};
  } catch {
    return {};
  }
}
