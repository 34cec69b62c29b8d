type Cookie = readonly [name: string, value: string];

/** The Cookie header, its values as they were sent. */
export function parseCookies(header: string): Cookie[] {
  const cookies = header.split(";");
  if (cookies.at(-1) === "") cookies.pop();
  return cookies.map(parseCookie);
}

function parseCookie(cookie: string): Cookie {
  const equals = cookie.indexOf("=");
  const name = (equals < 0 ? cookie : cookie.slice(0, equals)).replace(/^ +/, "");
  return [name, equals < 0 ? "" : cookie.slice(equals + 1)];
}
