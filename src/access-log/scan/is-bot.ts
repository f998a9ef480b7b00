/** Words by which programs name themselves in User-Agent, and tools that are no browser. */
const words =
  /bot\b|bot[/;_-]|crawl|spider|slurp|fetch|scan|monitor|check|probe|archiv|preview|validator|feed|facebookexternalhit|lighthouse|headless|phantomjs|^(?:curl|wget|python|go-http|java|okhttp|libwww|apache-httpclient|axios|node|ruby|php|perl|postman|insomnia|httpie|aiohttp|scrapy|guzzle)/i;

/** Whether a user agent says that it is no person's browser. A guess: nobody has to say so. */
export function isBot(agent: string): boolean {
  return words.test(agent);
}
