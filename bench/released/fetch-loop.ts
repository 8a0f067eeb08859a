/**
 * The calls that a capture of a realm over release v1.1.0 makes, made by nothing but `fetch` and a counter: what the
 * server and the line allow. Prints the seconds and the number of calls as JSON.
 */
const { apiUrl, gatewayUrl, realm, concurrency } = JSON.parse(process.argv[2]!) as {
  apiUrl: string;
  gatewayUrl: string;
  realm: string;
  concurrency: number;
};

const PAGE = 500;
let calls = 0;

async function get(url: string): Promise<unknown> {
  calls++;
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return await answer.json();
}

const started = performance.now();
await get(`${apiUrl}/admin/realms/${realm}`);
await get(`${gatewayUrl}/api/realms/${realm}/roles`);
await get(`${gatewayUrl}/api/realms/${realm}/clients`);
const ids: string[] = [];
for (let page = 0, total = 1; page * PAGE < total; page++) {
  const answer = (await get(`${gatewayUrl}/api/users?realm=${realm}&page=${page}&size=${PAGE}`)) as {
    content: { id: string }[];
    totalElements: number;
  };
  ids.push(...answer.content.map(({ id }) => id));
  total = answer.totalElements;
}
let next = 0;
await Promise.all(
  Array.from({ length: concurrency }, async () => {
    while (next < ids.length)
      await get(`${gatewayUrl}/api/realms/${realm}/users/${ids[next++]!}/role-mappings`);
  }),
);
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  `${JSON.stringify({ seconds, calls, maxRssMb: process.resourceUsage().maxRSS / 1024 })}\n`,
);
